/** Tools: they are lent to gardeners, come back, and are sharpened when they are worn. */

import { chime } from '../core/chime.ts';
import { tend } from '../core/chore.ts';
import { count, tagOf, words } from '../core/gauge.ts';
import { bloom, graft, wilt } from '../core/reply.ts';
import { shelf } from '../core/shelf.ts';
import { slip } from '../core/slip.ts';
import { gardeners } from './gardeners.ts';

const BLUNT_AT = 100;
const MOST_TOOLS = 3;

export interface Tool {
  readonly tag: string;
  readonly name: string;
  readonly lentTo: string | null;
  readonly wear: number;
}

export const tools = shelf<Tool>('tools', 'tool');
export const toolBlunt = chime<{ tool: string }>('tool.blunt');

export const buyTool = tend(slip('tool.buy', { name: words(30) }), (garden, slip) => {
  const tool = garden.shelves.place(tools, { ...slip, lentTo: null, wear: 0 });
  garden.diary.jot('tool.buy', { tool: tool.tag });
  return bloom(tool);
});

export const lendTool = tend(
  slip('tool.lend', { tool: tagOf('tool'), gardener: tagOf('gardener') }),
  (garden, slip) => {
    const tool = garden.shelves.pick(tools, slip.tool);
    if (!tool.ok) return tool;
    const gardener = garden.shelves.pick(gardeners, slip.gardener);
    if (!gardener.ok) return gardener;
    if (tool.leaf.lentTo !== null) {
      return wilt('TOOL_LENT', {
        saw: `${slip.tool} with ${tool.leaf.lentTo}`,
        needed: 'a tool in the shed',
        tend: 'Ask for it, or take another one.',
      });
    }
    const carried = garden.shelves.gather(tools, (one) => one.lentTo === slip.gardener);
    if (carried.length >= MOST_TOOLS) {
      return wilt('TOOL_HANDS_FULL', {
        saw: `${carried.length} tools with ${slip.gardener}`,
        needed: `fewer than ${MOST_TOOLS}`,
        tend: 'Bring one back first.',
      });
    }
    garden.diary.jot('tool.lend', { tool: slip.tool, gardener: slip.gardener });
    return garden.shelves.revise(tools, slip.tool, { lentTo: slip.gardener });
  },
);

export const returnTool = tend(slip('tool.return', { tool: tagOf('tool'), hours: count(0, 48) }), (garden, slip) =>
  graft(garden.shelves.pick(tools, slip.tool), (tool) => {
    if (tool.lentTo === null) {
      return wilt('TOOL_IN_SHED', {
        saw: `${slip.tool} in the shed`,
        needed: 'a tool that is lent',
        tend: 'Check the tag of the tool.',
      });
    }
    const wear = tool.wear + slip.hours;
    garden.diary.jot('tool.return', { tool: slip.tool, wear });
    if (wear >= BLUNT_AT && tool.wear < BLUNT_AT) garden.strike(toolBlunt, { tool: slip.tool });
    return garden.shelves.revise(tools, slip.tool, { lentTo: null, wear });
  }),
);

export const sharpenTool = tend(slip('tool.sharpen', { tool: tagOf('tool') }), (garden, slip) => {
  garden.diary.jot('tool.sharpen', { tool: slip.tool });
  return garden.shelves.revise(tools, slip.tool, { wear: 0 });
});
