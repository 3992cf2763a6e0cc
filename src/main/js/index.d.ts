/** A value that JSON can hold. */
export type Json = string | number | boolean | null | Json[] | {[name: string]: Json | undefined};

export interface Item {
  item_id: string | number;
  item_type?: string;
  item_name?: string;
  item_category?: string;
  /** Levels below the category. */
  item_category2?: string;
  item_category3?: string;
  item_category4?: string;
  item_category5?: string;
  item_brand?: string;
  /** Of one piece. */
  price?: number | string;
  /** ISO 4217. */
  currency?: string;
  quantity?: number | string;
  /** What else you want to know of it is kept, by item. */
  [more: string]: Json | undefined;
}

/** Members of the event contract mean what it says; all others are the event's properties. */
export interface Params {
  transaction_id?: string | number;
  value?: number | string;
  currency?: string;
  items?: Item[];
  item?: Item;
  evt_category?: string;
  evt_action?: string;
  evt_label?: string;
  evt_value?: string | number;
  /** Whether a person did it; without it the type tells. */
  interactive?: boolean;
  properties?: {[name: string]: Json | undefined};
  [property: string]: unknown;
}

/** Members that all later events get; `undefined` takes one away. */
export interface Members extends Params {
  user_id?: string | number;
  session_id?: string | number;
}

export interface Options {
  /** The public site key. */
  key: string;
  /** Where to send; without it `/in` of this page's origin. */
  endpoint?: string;
  /** Whether the fragment is the route. */
  hash?: 'on' | 'off';
  /** `wait`: send nothing before `grant` or `deny`. `granted`: consent is not needed, unless the browser says otherwise. */
  consent?: 'wait' | 'granted';
  /** What to capture without being asked; without it everything. */
  capture?: Array<'outbound' | 'downloads' | 'forms' | 'scroll' | 'vitals'>;
}

export interface Onevault {
  /** Starts, where no script tag with `data-key` did. */
  (command: 'start', options: Options): void;
  /** Something happened. */
  (command: 'event', type: string, params?: Params): void;
  /** A page view that no path tells of; before the page is seen, what its first view is. */
  (command: 'page', params?: Params): void;
  (command: 'set', members: Members): void;
  /** The visitor agrees to be recognised: an id and unsent events are stored in the browser. */
  (command: 'grant'): void;
  /** The visitor does not agree: what was stored is forgotten but for this, events tell it. */
  (command: 'deny'): void;
  /** Nothing of this browser is counted any more. */
  (command: 'optout'): void;
  /** It is counted again, from the next page on. */
  (command: 'optin'): void;
}

declare global {
  /** The same, for scripts of pages that carry the tag. */
  var onevault: Onevault;
}

export const onevault: Onevault;
export default onevault;
