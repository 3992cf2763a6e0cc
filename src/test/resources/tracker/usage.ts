import onevault, {type Item, type Onevault, type Options} from '@onevault/tracker';

// What is right, by the import and by the global.
const options: Options = {key: 'st_x', endpoint: 'https://data.example.com/in', hash: 'on', consent: 'wait', capture: ['outbound', 'vitals']};
onevault('start', options);
onevault('start', {key: 'st_x'});
onevault('event', 'search', {query: 'boots', results: 12});
onevault('event', 'sign_up');
const boot: Item = {item_id: 1007, price: '139.90', currency: 'EUR', size: [42, null, {eu: true}]};
onevault('event', 'purchase', {transaction_id: 7, value: '139.90', items: [boot], interactive: true, properties: {gift: false}});
onevault('page', {page_url: '/step/2', evt_label: 'two'});
onevault('set', {user_id: 'u-1', session_id: undefined});
onevault('grant');
window.onevault('deny');
globalThis.onevault('optout');
const known: Onevault = onevault;
known('optin');

// What is wrong: each of these must be complained of.
// @ts-expect-error
onevault('nonsense');
// @ts-expect-error
onevault();
// @ts-expect-error
onevault('start');
// @ts-expect-error
onevault('start', {endpoint: '/in'});
// @ts-expect-error
onevault('start', {key: 'st_x', consent: 'denied'});
// @ts-expect-error
onevault('start', {key: 'st_x', capture: ['clicks']});
// @ts-expect-error
onevault('start', {key: 'st_x', debug: true});
// @ts-expect-error
onevault('event');
// @ts-expect-error
onevault('event', 7);
// @ts-expect-error
onevault('event', 'purchase', {items: [{item_name: 'Boot'}]});
// @ts-expect-error
onevault('event', 'purchase', {items: {item_id: 'sku-1'}});
// @ts-expect-error
onevault('event', 'purchase', {value: {}});
// @ts-expect-error
onevault('set');
// @ts-expect-error
onevault('set', {user_id: {}});
// @ts-expect-error
onevault('grant', true);
