/** Shop: plants in pots for sale, and baskets in which they are reserved until they are paid. */

import { chime } from '../core/chime.ts';
import { tend } from '../core/chore.ts';
import { count, tagOf, words } from '../core/gauge.ts';
import { bloom, graft, wilt } from '../core/reply.ts';
import { shelf } from '../core/shelf.ts';
import { slip } from '../core/slip.ts';
import { pieces, purse, shownPrice, type Thaler } from '../core/thaler.ts';

export interface Ware {
  readonly tag: string;
  readonly label: string;
  readonly price: Thaler;
  readonly pots: number;
}

export interface Basket {
  readonly tag: string;
  readonly customer: string;
  readonly lines: readonly { readonly ware: string; readonly pots: number; readonly price: Thaler }[];
  readonly paid: boolean;
}

export const wares = shelf<Ware>('wares', 'ware');
export const baskets = shelf<Basket>('baskets', 'basket');
export const wareSoldOut = chime<{ ware: string; label: string }>('shop.soldOut');

export const offerWare = tend(
  slip('shop.offer', { label: words(40), groats: count(1, 5000), pots: count(1, 500) }),
  (garden, slip) => {
    const ware = garden.shelves.place(wares, { label: slip.label, price: { groats: slip.groats }, pots: slip.pots });
    garden.diary.jot('shop.offer', { ware: ware.tag, pots: ware.pots });
    return bloom(ware);
  },
);

export const openBasket = tend(slip('shop.open', { customer: words(40) }), (garden, slip) => {
  const basket = garden.shelves.place(baskets, { ...slip, lines: [], paid: false });
  garden.diary.jot('shop.open', { basket: basket.tag });
  return bloom(basket);
});

export const putIntoBasket = tend(
  slip('shop.put', { basket: tagOf('basket'), ware: tagOf('ware'), pots: count(1, 100) }),
  (garden, slip) => {
    const basket = garden.shelves.pick(baskets, slip.basket);
    if (!basket.ok) return basket;
    const ware = garden.shelves.pick(wares, slip.ware);
    if (!ware.ok) return ware;
    if (basket.leaf.paid) {
      return wilt('SHOP_BASKET_PAID', {
        saw: `${slip.basket} is paid`,
        needed: 'an open basket',
        tend: 'Open a new basket.',
      });
    }
    if (ware.leaf.pots < slip.pots) {
      return wilt('SHOP_TOO_FEW_POTS', {
        saw: `${ware.leaf.pots} pots of ${ware.leaf.label}`,
        needed: `${slip.pots} pots`,
        tend: 'Take fewer, or wait for the nursery.',
      });
    }
    const left = ware.leaf.pots - slip.pots;
    garden.shelves.revise(wares, slip.ware, { pots: left });
    garden.diary.jot('shop.put', { basket: slip.basket, ware: slip.ware, pots: slip.pots });
    if (left === 0) garden.strike(wareSoldOut, { ware: slip.ware, label: ware.leaf.label });
    const line = { ware: slip.ware, pots: slip.pots, price: pieces(ware.leaf.price, slip.pots) };
    return garden.shelves.revise(baskets, slip.basket, { lines: [...basket.leaf.lines, line] });
  },
);

export const payBasket = tend(
  slip('shop.pay', { basket: tagOf('basket'), groats: count(0, 1_000_000) }),
  (garden, slip) =>
    graft(garden.shelves.pick(baskets, slip.basket), (basket) => {
      const due = purse(basket.lines.map((line) => line.price));
      if (slip.groats < due.groats) {
        return wilt('SHOP_TOO_LITTLE_MONEY', {
          saw: shownPrice({ groats: slip.groats }),
          needed: shownPrice(due),
          tend: 'Pay the rest, or put something back.',
        });
      }
      garden.diary.jot('shop.pay', { basket: slip.basket, groats: due.groats });
      garden.shelves.revise(baskets, slip.basket, { paid: true });
      return bloom<Thaler>({ groats: slip.groats - due.groats });
    }),
);
