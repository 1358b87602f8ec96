/** Claims about the engine. */

import { dayName, seasonOf } from '../src/core/almanac.ts';
import { chime, heed } from '../src/core/chime.ts';
import { entryLine } from '../src/core/diary.ts';
import { layOutGarden } from '../src/core/garden.ts';
import { count, either, several, spare, tagOf, words } from '../src/core/gauge.ts';
import { bloom, bouquet, explain, graft, leafOr, through, wilt } from '../src/core/reply.ts';
import { writeSheet } from '../src/core/sheet.ts';
import { readSlip, slip } from '../src/core/slip.ts';
import { purse, rebate, shownPrice, thaler } from '../src/core/thaler.ts';
import { claim, codeOf, leafOf, same } from './claims.ts';

const torn = wilt('TORN', { saw: 'a hole', needed: 'a sack', tend: 'Sew it.' });

claim('a wilted reply skips what is grafted on it', () => {
  same(leafOf(graft(bloom(2), (n) => bloom(n + 1))), 3);
  same(codeOf(graft(torn, () => bloom(1))), 'TORN');
  same(leafOr<number>(torn, 7), 7);
});

claim('a blight is explained in one line and remembers its path', () => {
  same(explain(torn.blight), 'TORN: saw a hole, needed a sack. Sew it.');
  same(through(through(torn, 'sack.fill'), 'round.autumn').blight.path, ['sack.fill', 'round.autumn']);
});

claim('a bouquet wilts with its first wilted flower', () => {
  same(leafOf(bouquet([bloom(1), bloom(2)])), [1, 2]);
  same(codeOf(bouquet<number>([bloom(1), torn])), 'TORN');
});

claim('a slip is filled with spare values and refuses what it does not know', () => {
  const form = slip('sack.fill', { kilos: count(1, 50), marks: spare(several(either('a', 'b'), 2), ['a']) });
  same(leafOf(readSlip(form, { kilos: 5 })), { kilos: 5, marks: ['a'] });
  same(codeOf(readSlip(form, { kilos: 51 })), 'SLIP_WRONG');
  const foreign = { kilos: 5, colour: 'red' };
  same(codeOf(readSlip(form, foreign)), 'SLIP_FOREIGN');
});

claim('gauges read only what they want', () => {
  same(tagOf('bed').read('bed-10'), 'bed-10');
  same(tagOf('bed').read('bed-010') ?? null, null);
  same(words(3).read('abcd') ?? null, null);
  same(several(count(0, 1), 2).read([0, 2]) ?? null, null);
});

claim('listeners hear the news in every garden', () => {
  const bell = chime<{ hour: number }>('test.bell');
  heed(bell, (garden, news) => garden.diary.jot('test.heard', news));
  const garden = layOutGarden(5);
  garden.strike(bell, { hour: 12 });
  same(garden.diary.about('test.heard').map(entryLine), ['day 5 jot test.heard hour=12']);
});

claim('seasons have ninety days', () => {
  same([1, 90, 91, 271, 360, 361].map(seasonOf), ['spring', 'spring', 'summer', 'winter', 'winter', 'spring']);
  same(dayName(462), 'year 2, summer 12');
});

claim('money is counted in groats', () => {
  same(shownPrice(purse([thaler(1, 20), thaler(0, 6)])), '2 th 2 gr');
  same(rebate(thaler(1), 30).groats, 16);
});

claim('an unknown sheet wilts', () => {
  same(codeOf(writeSheet(layOutGarden(), 'dreams')), 'SHEET_UNKNOWN');
});
