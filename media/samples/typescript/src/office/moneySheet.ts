/** The sheet about money: tickets and the shop. */

import { sheet } from '../core/sheet.ts';
import { purse, shownPrice } from '../core/thaler.ts';
import { baskets, wares } from '../plots/shop.ts';
import { tickets } from '../plots/tickets.ts';

sheet('money', (garden, pencil) => {
  pencil.part('tickets');
  for (const fare of ['adult', 'child', 'student'] as const) {
    const sold = garden.shelves.gather(tickets, (ticket) => ticket.fare === fare);
    pencil.row(`${fare} (${sold.length})`, shownPrice(purse(sold.map((ticket) => ticket.price))));
  }
  pencil.part('shop');
  const paid = garden.shelves.gather(baskets, (basket) => basket.paid);
  const lines = paid.flatMap((basket) => basket.lines);
  pencil.row(`paid baskets (${paid.length})`, shownPrice(purse(lines.map((line) => line.price))));
  const soldOut = garden.shelves.gather(wares, (ware) => ware.pots === 0);
  if (soldOut.length === 0) pencil.blank('everything in stock');
  for (const ware of soldOut) pencil.row(ware.label, 'sold out');
});
