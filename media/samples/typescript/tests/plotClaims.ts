/** Claims about the plots. */

import { writeSheet } from '../src/core/sheet.ts';
import { springRound } from '../src/office/springRound.ts';
import { beds, clearBed, digBed, sowBed, sproutBed } from '../src/plots/beds.ts';
import { beginHeap, heaps, spreadHeap } from '../src/plots/compost.ts';
import { errands, finishErrand, takeErrand, welcomeGardener } from '../src/plots/gardeners.ts';
import { buildHouse, readClimate } from '../src/plots/greenhouses.ts';
import { pickCrate, sortCellar } from '../src/plots/harvest.ts';
import { confirmName, nameSpecimen, pressPlant } from '../src/plots/herbarium.ts';
import { feedHive, hives, settleHive, takeHoney } from '../src/plots/hives.ts';
import { measureTray, plantOut, raiseTray } from '../src/plots/nursery.ts';
import { reportPest, treatPest } from '../src/plots/pests.ts';
import { digPond, samplePond, stockPond } from '../src/plots/ponds.ts';
import { cutTree, plantTree } from '../src/plots/pruning.ts';
import { drawSeeds, fillJar } from '../src/plots/seedBank.ts';
import { offerWare, openBasket, payBasket, putIntoBasket } from '../src/plots/shop.ts';
import { sellTicket, useTicket } from '../src/plots/tickets.ts';
import { buyTool, lendTool, returnTool } from '../src/plots/tools.ts';
import { joinTour, planTour, rateTour } from '../src/plots/tours.ts';
import { catchRain, setUpBarrel, waterBed } from '../src/plots/watering.ts';
import { openVivarium } from '../src/vivarium.ts';
import { claim, codeOf, leafOf, same } from './claims.ts';

claim('the spring round digs, sows and waters, and stops at a blight', () => {
  const garden = openVivarium();
  garden.ask(fillJar, { species: 'borage', seeds: 100 });
  garden.ask(setUpBarrel, { holdsLitres: 300 });
  garden.ask(catchRain, { millimetres: 5 });
  garden.ask(settleHive, { frames: 10 });
  const basket = { name: 'south', squareMetres: 4, jar: 'jar-1', seeds: 60, barrel: 'barrel-1' };
  same(leafOf(springRound.walk(garden, basket)).litres, 10);
  same(leafOf(garden.shelves.pick(hives, 'hive-1')).forage, 1);
  same(garden.diary.about('jar.scarce').length, 1);
  const again = springRound.walk(garden, { ...basket, name: 'north' });
  same(again.ok ? [] : again.blight.path, ['jar.draw', 'round.spring']);
});

claim('a bed is cleared onto the compost, which needs time', () => {
  const garden = openVivarium();
  garden.ask(digBed, { name: 'south', squareMetres: 4 });
  garden.ask(beginHeap, { corner: 'behind the shed' });
  garden.ask(sowBed, { bed: 'bed-1', species: 'leek', seeds: 10 });
  same(codeOf(garden.ask(sowBed, { bed: 'bed-1', species: 'leek', seeds: 10 })), 'BED_NOT_FALLOW');
  garden.ask(clearBed, { bed: 'bed-1' });
  same(leafOf(garden.shelves.pick(heaps, 'heap-1')).greenKilos, 12);
  same(codeOf(garden.ask(spreadHeap, { heap: 'heap-1' })), 'HEAP_NOT_RIPE');
  garden.almanac.letPass(120);
  same(leafOf(garden.ask(spreadHeap, { heap: 'heap-1' })), 6);
});

claim('seedlings are planted out when they are strong', () => {
  const garden = openVivarium();
  garden.ask(digBed, { name: 'south', squareMetres: 2 });
  garden.ask(raiseTray, { species: 'leek', seedlings: 32 });
  same(codeOf(garden.ask(plantOut, { tray: 'tray-1', bed: 'bed-1' })), 'TRAY_TOO_WEAK');
  garden.ask(measureTray, { tray: 'tray-1', heightCm: 12 });
  same(leafOf(garden.ask(plantOut, { tray: 'tray-1', bed: 'bed-1' })), { bed: 'bed-1', species: 'leek' });
  same(leafOf(garden.shelves.pick(beds, 'bed-1')).state, 'growing');
});

claim('an emptied barrel and a plague become errands', () => {
  const garden = openVivarium();
  garden.ask(digBed, { name: 'south', squareMetres: 4 });
  garden.ask(setUpBarrel, { holdsLitres: 50 });
  garden.ask(catchRain, { millimetres: 3 });
  garden.ask(waterBed, { bed: 'bed-1', barrel: 'barrel-1', litres: 50 });
  garden.ask(reportPest, { bed: 'bed-1', kind: 'slugs', number: 50 });
  same(
    garden.shelves.gather(errands).map((errand) => errand.what),
    ['fill barrel-1 from the brook', 'look after slugs in bed-1'],
  );
  garden.ask(welcomeGardener, { name: 'Nora', crafts: ['sowing'] });
  same(codeOf(garden.ask(finishErrand, { errand: 'errand-1' })), 'ERRAND_NOT_TAKEN');
  garden.ask(takeErrand, { errand: 'errand-1', gardener: 'gardener-1' });
  same(leafOf(garden.ask(finishErrand, { errand: 'errand-1' })).done, true);
});

claim('poison needs a pause', () => {
  const garden = openVivarium();
  garden.ask(digBed, { name: 'south', squareMetres: 4 });
  garden.ask(reportPest, { bed: 'bed-1', kind: 'voles', number: 2 });
  garden.ask(treatPest, { pest: 'pest-1', means: 'poison' });
  garden.almanac.letPass(20);
  same(codeOf(garden.ask(treatPest, { pest: 'pest-1', means: 'poison' })), 'PEST_POISON_TOO_SOON');
  garden.almanac.letPass(1);
  same(leafOf(garden.ask(treatPest, { pest: 'pest-1', means: 'poison' })).state, 'treated');
});

claim('a harvest ripens, and the cellar does not keep it for ever', () => {
  const garden = openVivarium();
  garden.ask(digBed, { name: 'south', squareMetres: 4 });
  garden.ask(sowBed, { bed: 'bed-1', species: 'leek', seeds: 10 });
  garden.ask(sproutBed, { bed: 'bed-1' });
  const crate = { bed: 'bed-1', kilos: 3, quality: 'third' } as const;
  same(codeOf(garden.ask(pickCrate, crate)), 'CRATE_NOT_RIPE');
  garden.almanac.letPass(45);
  same(leafOf(garden.ask(pickCrate, crate)).species, 'leek');
  garden.almanac.letPass(11);
  same(leafOf(garden.ask(sortCellar, {})), ['crate-1']);
});

claim('visitors get a rebate as a group and are let in once', () => {
  const garden = openVivarium();
  same(leafOf(garden.ask(sellTicket, { fare: 'child', day: 1, guests: 10 })).price.groats, 96);
  same(leafOf(garden.ask(useTicket, { ticket: 'ticket-1' })).used, true);
  same(codeOf(garden.ask(useTicket, { ticket: 'ticket-1' })), 'TICKET_NOT_VALID');
});

claim('tours are led by guides and rated by guests', () => {
  const garden = openVivarium();
  garden.ask(digBed, { name: 'south', squareMetres: 4 });
  garden.ask(welcomeGardener, { name: 'Nora', crafts: ['sowing'] });
  garden.ask(welcomeGardener, { name: 'Ove', crafts: ['guiding'] });
  const tour = { title: 'Herbs', stations: ['bed-1'] };
  same(codeOf(garden.ask(planTour, { ...tour, guide: 'gardener-1' })), 'TOUR_NO_GUIDE');
  garden.ask(planTour, { ...tour, guide: 'gardener-2' });
  garden.ask(joinTour, { tour: 'tour-1', guests: 1 });
  garden.ask(rateTour, { tour: 'tour-1', stars: 4 });
  same(codeOf(garden.ask(rateTour, { tour: 'tour-1', stars: 4 })), 'TOUR_TOO_MANY_RATINGS');
  same(leafOf(writeSheet(garden, 'people')).includes('1/15, 4.0 stars'), true);
});

claim('a basket is paid and the change comes back', () => {
  const garden = openVivarium();
  garden.ask(offerWare, { label: 'thyme', groats: 10, pots: 3 });
  garden.ask(openBasket, { customer: 'Ada' });
  garden.ask(putIntoBasket, { basket: 'basket-1', ware: 'ware-1', pots: 3 });
  same(codeOf(garden.ask(payBasket, { basket: 'basket-1', groats: 29 })), 'SHOP_TOO_LITTLE_MONEY');
  same(leafOf(garden.ask(payBasket, { basket: 'basket-1', groats: 48 })).groats, 18);
  same(leafOf(writeSheet(garden, 'money')).includes('1 th 6 gr'), true);
});

claim('tools, trees, ponds, hives and houses have their rules', () => {
  const garden = openVivarium();
  garden.ask(buyTool, { name: 'spade' });
  garden.ask(welcomeGardener, { name: 'Nora', crafts: ['pruning'] });
  garden.ask(lendTool, { tool: 'tool-1', gardener: 'gardener-1' });
  same(codeOf(garden.ask(lendTool, { tool: 'tool-1', gardener: 'gardener-1' })), 'TOOL_LENT');
  same(leafOf(garden.ask(returnTool, { tool: 'tool-1', hours: 5 })).wear, 5);
  garden.ask(plantTree, { species: 'pear', heightM: 4 });
  same(codeOf(garden.ask(cutTree, { tree: 'tree-1', percent: 25 })), 'TREE_WRONG_SEASON');
  garden.ask(digPond, { name: 'frog', litres: 800 });
  same(codeOf(garden.ask(stockPond, { pond: 'pond-1', fish: 11 })), 'POND_CROWDED');
  same(leafOf(garden.ask(samplePond, { pond: 'pond-1', acidity: 5, oxygen: 8 })).badSamples, 1);
  garden.ask(settleHive, { frames: 10 });
  same(codeOf(garden.ask(feedHive, { hive: 'hive-1', kilos: 5 })), 'HIVE_FED_TOO_EARLY');
  same(codeOf(garden.ask(takeHoney, { hive: 'hive-1', kilos: 5 })), 'HIVE_WOULD_STARVE');
  garden.ask(buildHouse, { name: 'palms', coldestC: 12 });
  same(leafOf(garden.ask(readClimate, { house: 'house-1', celsius: 0 })).heating, true);
});

claim('a specimen is confirmed by a second person when it is dry', () => {
  const garden = openVivarium();
  garden.ask(welcomeGardener, { name: 'Nora', crafts: ['sowing'] });
  garden.ask(welcomeGardener, { name: 'Ove', crafts: ['guiding'], apprentice: true });
  garden.ask(pressPlant, {});
  garden.ask(nameSpecimen, { page: 'page-1', gardener: 'gardener-1', name: 'Borago officinalis' });
  same(codeOf(garden.ask(confirmName, { page: 'page-1', gardener: 'gardener-1' })), 'PAGE_SAME_PERSON');
  same(codeOf(garden.ask(confirmName, { page: 'page-1', gardener: 'gardener-2' })), 'PAGE_NOT_DRY');
  garden.almanac.letPass(14);
  same(leafOf(garden.ask(confirmName, { page: 'page-1', gardener: 'gardener-2' })).confirmedBy, 'gardener-2');
});

claim('old seeds are not drawn', () => {
  const garden = openVivarium();
  garden.ask(fillJar, { species: 'leek', seeds: 100 });
  garden.almanac.letPass(5 * 360);
  same(codeOf(garden.ask(drawSeeds, { jar: 'jar-1', seeds: 1 })), 'JAR_TOO_OLD');
});
