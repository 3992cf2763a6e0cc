/** The demonstration shop: a basket in this tab, and what it tells the tracker. */
const basket = JSON.parse(sessionStorage.getItem('basket') ?? '[]');
const money = (value) => `EUR ${value.toFixed(2)}`;
const total = () => basket.reduce((sum, item) => sum + item.price * item.quantity, 0);
const track = (...event) => window.onevault?.('event', ...event);

function show() {
  document.getElementById('count').textContent = basket.reduce((sum, item) => sum + item.quantity, 0);
  const lines = document.getElementById('lines');
  if (!lines) return;
  lines.replaceChildren(...basket.map((item) => {
    const line = document.createElement('li');
    line.append(`${item.quantity} × ${item.item_name}`, document.createElement('span'));
    line.lastChild.textContent = money(item.price * item.quantity);
    return line;
  }));
  document.getElementById('total').textContent = basket.length ? money(total()) : 'Nothing in it yet.';
  document.getElementById('buy').disabled = basket.length === 0;
}

function product(article) {
  const {item, name, category, price} = article.dataset;
  const described = {item_id: item, item_type: 'product', item_name: name, item_category: category, price: Number(price), currency: 'EUR', quantity: 1};
  track('item_view', {items: [described]});
  document.getElementById('add').addEventListener('click', () => {
    const line = basket.find((other) => other.item_id === item);
    if (line) line.quantity++;
    else basket.push({...described});
    sessionStorage.setItem('basket', JSON.stringify(basket));
    track('add_to_cart', {items: [described]});
    show();
  });
}

function buy() {
  document.getElementById('buy').disabled = true; // the page stays for a while, and who clicks twice buys once
  const order = `order-${crypto.randomUUID().slice(0, 8)}`;
  track('purchase', {transaction_id: order, value: Number(total().toFixed(2)), currency: 'EUR', items: basket});
  sessionStorage.setItem('order', order);
  sessionStorage.removeItem('basket');
  location.href = 'thanks.html';
}

show();
const article = document.querySelector('.product');
if (article) product(article);
document.getElementById('buy')?.addEventListener('click', buy);
const order = document.getElementById('order');
if (order) order.textContent = sessionStorage.getItem('order');
