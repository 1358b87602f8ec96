/** Pruning: trees and hedges are cut in their season, and rest for a year after a hard cut. */

import { DAYS_PER_YEAR } from '../core/almanac.ts';
import { tend } from '../core/chore.ts';
import { either, span, spare, tagOf, words } from '../core/gauge.ts';
import { bloom, graft, wilt } from '../core/reply.ts';
import { shelf } from '../core/shelf.ts';
import { slip } from '../core/slip.ts';

const MOST_PERCENT = 35;
const HARD_PERCENT = 20;

export interface Tree {
  readonly tag: string;
  readonly species: string;
  readonly cutIn: 'winter' | 'summer';
  readonly heightM: number;
  readonly hardCutOn: number | null;
}

export const trees = shelf<Tree>('trees', 'tree');

export const plantTree = tend(
  slip('tree.plant', {
    species: words(40),
    heightM: span(0.2, 12, 'm'),
    cutIn: spare(either('winter', 'summer'), 'winter'),
  }),
  (garden, slip) => {
    const tree = garden.shelves.place(trees, { ...slip, hardCutOn: null });
    garden.diary.jot('tree.plant', { tree: tree.tag });
    return bloom(tree);
  },
);

export const cutTree = tend(slip('tree.cut', { tree: tagOf('tree'), percent: span(1, 100, '%') }), (garden, slip) =>
  graft(garden.shelves.pick(trees, slip.tree), (tree) => {
    if (garden.almanac.season() !== tree.cutIn) {
      return wilt('TREE_WRONG_SEASON', {
        saw: garden.almanac.season(),
        needed: tree.cutIn,
        tend: 'Wait for the right season.',
      });
    }
    if (slip.percent > MOST_PERCENT) {
      return wilt('TREE_CUT_TOO_MUCH', {
        saw: `${slip.percent} %`,
        needed: `at most ${MOST_PERCENT} %`,
        tend: 'Spread the work over two years.',
      });
    }
    const today = garden.almanac.today();
    if (tree.hardCutOn !== null && today - tree.hardCutOn < DAYS_PER_YEAR) {
      return wilt('TREE_RESTS', {
        saw: `a hard cut on day ${tree.hardCutOn}`,
        needed: 'a year of rest',
        tend: 'Cut it next year.',
      });
    }
    garden.diary.jot('tree.cut', { tree: slip.tree, percent: slip.percent });
    return garden.shelves.revise(trees, slip.tree, {
      heightM: (tree.heightM * (100 - slip.percent)) / 100,
      hardCutOn: slip.percent >= HARD_PERCENT ? today : tree.hardCutOn,
    });
  }),
);

export const fellTree = tend(slip('tree.fell', { tree: tagOf('tree'), reason: words(80) }), (garden, slip) => {
  garden.diary.worry('tree.fell', { tree: slip.tree, reason: slip.reason.replaceAll(' ', '_') });
  return garden.shelves.discard(trees, slip.tree);
});
