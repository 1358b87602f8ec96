/**
 * @file How fast the panel draws: a map of 48 layers x 64 components (40 heads, 10 key/value groups, 13 MLP bands, norm) at
 * 10 snapshots a second. `node --import tsx test/webview/frames.mjs [seconds] [--hidden]` prints one line of JSON: frames a
 * second, script and task time a second, processor time of all of the browser's processes (which does not depend on what
 * else the machine does), heap and array buffers after a forced collection at eleven moments. It is no test: what a shared
 * machine can draw is not the panel's fault.
 */
import { chromiumPath, openPanel, startPanelBrowser } from './support/openPanel.ts';
import { componentIds, detailsOf, measurement, summaryOf, syntheticEvents } from './support/syntheticRun.ts';

const seconds = Number(process.argv[2] ?? 60);
const isHidden = process.argv.includes('--hidden');
const SNAPSHOTS_PER_SECOND = 10;

if (!chromiumPath) throw new Error('No Chromium on this machine. Set CHROMIUM to its path.');
const browser = await startPanelBrowser(['--js-flags=--expose-gc', '--enable-precise-memory-info']);
const panel = await openPanel(browser, { state: { tab: 'map' } });
const components = componentIds({ layers: 48, heads: 40, keyValueGroups: 10, bands: 13 });
const summary = summaryOf('/runs/large', 'running');
await panel.send(
  { type: 'runs', runs: [summary] },
  {
    type: 'run',
    slot: 'main',
    details: detailsOf(summary),
    events: syntheticEvents({ components, numSteps: 1, totalSteps: 1e6 }),
  },
);

const client = await panel.page.context().newCDPSession(panel.page);
await client.send('Performance.enable');
const browserClient = await browser.browser.newBrowserCDPSession();
async function metrics() {
  await client.send('HeapProfiler.collectGarbage');
  const { usedSize, backingStorageSize } = await client.send('Runtime.getHeapUsage');
  const { processInfo } = await browserClient.send('SystemInfo.getProcessInfo');
  const { metrics: list } = await client.send('Performance.getMetrics');
  const named = Object.fromEntries(list.map(({ name, value }) => [name, value]));
  return {
    heap: usedSize,
    buffers: backingStorageSize,
    script: named.ScriptDuration,
    task: named.TaskDuration,
    frames: await panel.page.evaluate('window.frames_'),
    sent: await panel.page.evaluate('window.sent'),
    nodes: named.Nodes,
    cpu: processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0),
  };
}

// A snapshot is made in the page, as VS Code would hand it over: a fresh object of plain lists each time.
await panel.page.evaluate(`
  window.frames_ = 0;
  const count = () => { window.frames_++; requestAnimationFrame(count); };
  requestAnimationFrame(count);
  ${isHidden ? "Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });" : ''}
  const measurement = ${measurement.toString()};
  const components = ${JSON.stringify(components)};
  let step = 4;
  window.sent = 0;
  setInterval(() => {
    step += 4;
    window.sent++;
    const before = { type: 'step', step, epoch: 0, loss: 2, learningRate: 1e-3, gradNorm: 1, tokens: 500, elapsedMs: step * 10, flops: step * 1e9 };
    postMessage({ type: 'events', path: '/runs/large', events: [before, ...measurement(components, step)] }, '*');
  }, ${1000 / SNAPSHOTS_PER_SECOND});
`);

const samples = [];
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const started = performance.now();
samples.push(await metrics());
for (let part = 0; part < 10; part++) {
  await wait((seconds * 100) | 0);
  samples.push(await metrics());
}
const elapsed = (performance.now() - started) / 1000;
const [first, last] = [samples[0], samples.at(-1)];
const numFrames = last.frames - first.frames;
const mib = (bytes) => Math.round(bytes / 2 ** 18) / 4;
console.log(
  JSON.stringify({
    seconds: Math.round(elapsed),
    isHidden,
    components: components.length,
    snapshots: await panel.page.evaluate('window.sent'),
    framesPerSecond: Math.round((10 * numFrames) / elapsed) / 10,
    scriptMsPerSecond: Math.round((1000 * (last.script - first.script)) / elapsed),
    taskMsPerSecond: Math.round((1000 * (last.task - first.task)) / elapsed),
    cpuMsPerSecond: Math.round((1000 * (last.cpu - first.cpu)) / elapsed),
    cpuMsPerSnapshot: Math.round((1000 * (last.cpu - first.cpu)) / (last.sent - first.sent)),
    heapMiB: samples.map(({ heap }) => mib(heap)),
    bufferMiB: samples.map(({ buffers }) => mib(buffers)),
    domNodes: [first.nodes, last.nodes],
    problems: await panel.problems(),
  }),
);
await browser.close();
