/** Tickets: visitors buy them for a day, and are let in once. */

import { chime } from '../core/chime.ts';
import { tend } from '../core/chore.ts';
import { count, either, spare, tagOf } from '../core/gauge.ts';
import { bloom, graft, wilt } from '../core/reply.ts';
import { shelf } from '../core/shelf.ts';
import { slip } from '../core/slip.ts';
import { pieces, rebate, type Thaler, thaler } from '../core/thaler.ts';

const GUESTS_PER_DAY = 400;
const GROUP_FROM = 10;
const GROUP_REBATE_PERCENT = 20;
const PRICES = { adult: thaler(2), child: thaler(0, 12), student: thaler(1) } as const;

export interface Ticket {
  readonly tag: string;
  readonly fare: keyof typeof PRICES;
  readonly guests: number;
  readonly day: number;
  readonly price: Thaler;
  readonly used: boolean;
}

export const tickets = shelf<Ticket>('tickets', 'ticket');
export const guestsEntered = chime<{ ticket: string; guests: number }>('ticket.used');

export const sellTicket = tend(
  slip('ticket.sell', {
    fare: either('adult', 'child', 'student'),
    day: count(1, 100_000),
    guests: spare(count(1, 60), 1),
  }),
  (garden, slip) => {
    if (slip.day < garden.almanac.today()) {
      return wilt('TICKET_DAY_PAST', {
        saw: `day ${slip.day}, today is ${garden.almanac.today()}`,
        needed: 'today or a later day',
        tend: 'Choose another day.',
      });
    }
    const sold = garden.shelves.gather(tickets, (ticket) => ticket.day === slip.day);
    const guests = sold.reduce((sum, ticket) => sum + ticket.guests, slip.guests);
    if (guests > GUESTS_PER_DAY) {
      return wilt('TICKET_SOLD_OUT', {
        saw: `${guests} guests on day ${slip.day}`,
        needed: `at most ${GUESTS_PER_DAY}`,
        tend: 'Choose another day.',
      });
    }
    const full = pieces(PRICES[slip.fare], slip.guests);
    const price = slip.guests >= GROUP_FROM ? rebate(full, GROUP_REBATE_PERCENT) : full;
    const ticket = garden.shelves.place(tickets, { ...slip, price, used: false });
    garden.diary.jot('ticket.sell', { ticket: ticket.tag, groats: price.groats });
    return bloom(ticket);
  },
);

export const useTicket = tend(slip('ticket.use', { ticket: tagOf('ticket') }), (garden, slip) =>
  graft(garden.shelves.pick(tickets, slip.ticket), (ticket) => {
    if (ticket.used || ticket.day !== garden.almanac.today()) {
      return wilt('TICKET_NOT_VALID', {
        saw: ticket.used ? `${slip.ticket} was used` : `${slip.ticket} for day ${ticket.day}`,
        needed: 'an unused ticket for today',
        tend: 'Sell a new ticket.',
      });
    }
    garden.diary.jot('ticket.use', { ticket: slip.ticket });
    garden.strike(guestsEntered, { ticket: slip.ticket, guests: ticket.guests });
    return garden.shelves.revise(tickets, slip.ticket, { used: true });
  }),
);
