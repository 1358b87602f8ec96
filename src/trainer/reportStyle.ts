/**
 * @file The report's style sheet: light on paper and by default, dark where the reader's system asks for it on a screen.
 * Two hues tell series apart (orange for training, blue for held-out files), always together with another sign; the
 * map's colours run from pale to dark (dark theme: from dark to bright), so they survive greyscale and colour blindness.
 */
export const REPORT_STYLE = `
:root {
  color-scheme: light;
  --page: #f5f6f8; --panel: #ffffff; --text: #1a1f26; --muted: #566070; --rule: #dbe0e7; --grid: #e9ecf1;
  --training: #b45309; --heldOut: #0b62b8; --bad: #9a3412; --good: #0b62b8; --code: #f1f3f6; --selected: #dcebfb;
  --q0: #f7e2b0; --q1: #f6cf8e; --q2: #f4b871; --q3: #ef9c5c; --q4: #e57e52;
  --q5: #d25e58; --q6: #b34365; --q7: #8d306c; --q8: #61246a; --q9: #371852;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    color-scheme: dark;
    --page: #0e1116; --panel: #161b22; --text: #e4e8ee; --muted: #9aa5b4; --rule: #2d3540; --grid: #232a34;
    --training: #f0a04b; --heldOut: #6cb2f7; --bad: #ffab7a; --good: #6cb2f7; --code: #0e1116; --selected: #1d3a57;
    --q0: #2b2140; --q1: #43235c; --q2: #66266c; --q3: #8d306c; --q4: #b34365;
    --q5: #d25e58; --q6: #e88053; --q7: #f3a463; --q8: #f8c583; --q9: #fdf1d6;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
body > * { max-width: 1120px; margin-inline: auto; padding-inline: 24px; }
header { padding-top: 28px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 0 0 4px; }
h3 { font-size: 14px; margin: 0 0 6px; }
p { margin: 0 0 10px; }
a { color: var(--heldOut); }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: .9em; }
:focus-visible { outline: 2px solid var(--heldOut); outline-offset: 2px; }
.subtitle { color: var(--muted); margin: 4px 0 14px; overflow-wrap: anywhere; }
nav { display: flex; flex-wrap: wrap; gap: 4px 18px; padding-block: 4px 10px; }
section { background: var(--panel); border: 1px solid var(--rule); border-radius: 10px; padding: 18px 22px;
  margin-block: 0 16px; }
.note, .muted { color: var(--muted); }
.note { font-size: 13px; max-width: 78ch; }

.state { display: flex; gap: 10px; border: 1px solid var(--rule); border-left: 5px solid var(--good); border-radius: 8px;
  background: var(--panel); padding: 10px 14px; margin-bottom: 12px; overflow-wrap: anywhere; }
.state.trouble { border-left-color: var(--bad); }
.state p { margin: 0; }
.sign { font-weight: 700; width: 1.2em; flex: none; text-align: center; }
.trouble .sign { color: var(--bad); }

.facts { display: grid; grid-template-columns: repeat(4, 1fr); gap: 1px; background: var(--panel);
  border: 1px solid var(--rule); border-radius: 10px; overflow: hidden; margin: 0 0 16px; }
.facts > div { padding: 14px 18px; box-shadow: 0 0 0 1px var(--rule); }
.facts .wide { grid-column: span 2; }
.facts dt { color: var(--muted); font-size: 13px; }
.facts dd { margin: 0; }
.value { font-size: 20px; font-weight: 650; font-variant-numeric: tabular-nums; line-height: 1.35; }
.wide .value { font-size: 26px; }
.aside { color: var(--muted); font-size: 13px; }

figure { margin: 0; min-width: 0; break-inside: avoid; }
figcaption { display: flex; flex-wrap: wrap; gap: 2px 14px; align-items: baseline; font-size: 13px; }
figcaption strong { font-size: 14px; }
.unit { color: var(--muted); }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; margin-left: auto; color: var(--muted); }
.key { display: inline-flex; gap: 6px; align-items: center; }
.plot { position: relative; padding: 10px 18px 26px 58px; margin-top: 6px; }
.plot svg, .mapPlot svg { display: block; overflow: visible; }
.plot svg svg { overflow: hidden; }
.axisTitle { text-align: center; color: var(--muted); font-size: 12px; margin: 0 0 0 40px; }
.small { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 300px), 1fr)); gap: 18px 26px;
  margin-top: 14px; }
.grid { stroke: var(--grid); }
.axis { stroke: var(--muted); }
.tick { fill: var(--muted); font-size: 11px; font-variant-numeric: tabular-nums; }
.columnNumber { fill: var(--muted); font-size: 9px; }
.line { fill: none; vector-effect: non-scaling-stroke; stroke-width: 2; stroke: var(--training); stroke-linejoin: round; }
.line.raw { stroke-width: 1; opacity: .42; }
.line.heldOut { stroke: var(--heldOut); stroke-dasharray: 5 3; }
.dot { fill: var(--heldOut); stroke: var(--panel); }
.mark { fill: none; stroke: var(--text); stroke-width: 1.5; }
.leader { stroke: var(--text); stroke-dasharray: 1 3; }
.markText { fill: var(--text); font-size: 12px; font-weight: 600; paint-order: stroke; stroke: var(--panel);
  stroke-width: 4px; stroke-linejoin: round; }

.maps { display: grid; gap: 18px 26px; margin-top: 12px; }
.mapPlot { padding: 0 110px 0 74px; margin-top: 4px; }
.mapLegend { display: flex; flex-wrap: wrap; gap: 6px 20px; align-items: center; font-size: 13px; color: var(--muted);
  margin-top: 12px; }
.active { fill: none; stroke: var(--text); stroke-width: 1.3; }
.unmeasured { fill: none; stroke: var(--muted); stroke-dasharray: 2 2; }
.total { fill: var(--muted); }
.q0 { fill: var(--q0); } .q1 { fill: var(--q1); } .q2 { fill: var(--q2); } .q3 { fill: var(--q3); } .q4 { fill: var(--q4); }
.q5 { fill: var(--q5); } .q6 { fill: var(--q6); } .q7 { fill: var(--q7); } .q8 { fill: var(--q8); } .q9 { fill: var(--q9); }

.scroll { overflow-x: auto; margin-block: 10px; }
table { border-collapse: collapse; font-size: 13px; width: 100%; }
caption { text-align: left; color: var(--muted); padding-bottom: 4px; }
th, td { text-align: left; padding: 4px 14px 4px 0; border-bottom: 1px solid var(--grid); vertical-align: top; }
th { font-weight: 600; }
thead th { color: var(--muted); border-bottom-color: var(--rule); white-space: nowrap; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
tbody th { font-weight: 400; }
.path { overflow-wrap: anywhere; min-width: 140px; }
.narrow { width: auto; }
.beforeAfter { vertical-align: middle; }
.beforeAfter .line { stroke: var(--muted); stroke-width: 1.5; }
.before { fill: var(--panel); stroke: var(--training); stroke-width: 1.5; }
.after { fill: var(--heldOut); }

details { margin-top: 10px; }
summary { cursor: pointer; font-weight: 600; font-size: 14px; padding-block: 2px; }
.sample { border-top: 1px solid var(--grid); padding-top: 10px; margin-top: 12px; }
.sample:first-of-type { border-top: 0; }
pre { background: var(--code); border: 1px solid var(--rule); border-radius: 6px; padding: 10px 12px; margin: 4px 0 8px;
  white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 4; }
pre mark { background: var(--selected); color: inherit; border-bottom: 2px solid var(--heldOut); }
.settings { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 300px), 1fr)); gap: 0 34px; }
.settingGroup { margin-top: 14px; }
.settingGroup dl { display: grid; gap: 3px 34px; margin: 0; font-size: 13px; }
.settingGroup dl.wide { grid-template-columns: repeat(auto-fill, minmax(min(100%, 210px), 1fr)); }
.settingGroup dl > div { display: grid; grid-template-columns: minmax(0, 9.5em) minmax(0, 1fr); gap: 12px; }
.settingGroup dt { color: var(--muted); overflow-wrap: anywhere; }
.settingGroup dd { margin: 0; overflow-wrap: anywhere; }
.list { margin: 8px 0 0; padding-left: 20px; font-size: 14px; overflow-wrap: anywhere; }
footer { color: var(--muted); font-size: 13px; padding-block: 4px 32px; }

@media (max-width: 860px) {
  .facts { grid-template-columns: 1fr 1fr; }
}
@media (max-width: 620px) {
  body > * { padding-inline: 14px; }
  main { padding-inline: 0; }
  nav { padding-inline: 14px; }
  section { border-radius: 0; border-inline: 0; padding: 16px 14px; }
  .facts { border-radius: 0; border-inline: 0; }
  .facts > div { padding: 10px 14px; }
  th, td { padding-right: 10px; }
  thead th, thead .number { white-space: normal; vertical-align: bottom; }
  .value { font-size: 17px; }
  .wide .value { font-size: 22px; }
  .plot { padding-left: 48px; padding-right: 12px; }
  .legend { margin-left: 0; }
  .mapPlot { padding: 0 102px 0 70px; }
}
@media print {
  body { background: none; font-size: 12px; }
  body > * { max-width: none; padding-inline: 0; }
  section, .facts, .state { border-radius: 0; }
  section { padding-inline: 12px; }
  nav { display: none; }
  details:not(.bulk)::details-content { content-visibility: visible; block-size: auto; }
  tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
}
`;
