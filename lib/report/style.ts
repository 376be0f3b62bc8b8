import { type Html, html } from './html.ts';

/**
 * The page's style. Colours are Okabe and Ito's, which people with any kind of colour blindness can tell apart
 * (https://jfly.uni-koeln.de/color/), lighter on dark ground; each also differs in dash, sign or place.
 */
export const STYLE: Html = html`
:root{color-scheme:light dark;--ground:#fff;--card:#f6f7f9;--text:#1a1d21;--soft:#5b636e;--rule:#d5dae0;--blue:#0072b2;--green:#00805d;--orange:#e69f00;--warn:#9a5b00;--red:#c04a00;--purple:#a64d82;--yellow:#b3a100;--sky:#56b4e9;--grey:#8b929b}
@media (prefers-color-scheme:dark){:root{--ground:#14171a;--card:#1e2226;--text:#e8eaed;--soft:#a3abb5;--rule:#3a4048;--blue:#56b4e9;--green:#2fc49a;--orange:#e69f00;--warn:#e69f00;--red:#ff8a4c;--purple:#d98bba;--yellow:#f0e442;--sky:#2f7fb5;--grey:#7d858f}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);font:16px/1.5 system-ui,sans-serif}
main,footer{max-width:60rem;margin:0 auto;padding:1rem 1.25rem}
footer{color:var(--soft);font-size:.85rem;padding-bottom:2rem;overflow-wrap:anywhere}
h1{font-size:2rem;line-height:1.2;margin:.25rem 0;overflow-wrap:anywhere}
h2{font-size:1.3rem;margin:2.5rem 0 .5rem;padding-bottom:.25rem;border-bottom:1px solid var(--rule)}
h3{font-size:1.05rem;margin:1.25rem 0 .25rem;overflow-wrap:anywhere}
p{margin:.4rem 0;max-width:45rem;overflow-wrap:anywhere}
code,samp,pre{font:.9em/1.45 ui-monospace,monospace;unicode-bidi:isolate}
pre{background:var(--card);padding:.6rem .8rem;border-radius:.4rem;white-space:pre-wrap;overflow-wrap:anywhere;margin:.25rem 0}
.unit,.note,.run,.empty,small{color:var(--soft)}
.unit{font-weight:normal;font-size:.9rem}
.note,.run{font-size:.9rem}
.nobreak{white-space:nowrap}
.state{display:inline-block;margin:.5rem 0 0;padding:.15rem .75rem;border-radius:1rem;border:2px solid currentColor;font-weight:600}
.succeeded{color:var(--green)}.partial,.stopped{color:var(--warn)}.failed{color:var(--red)}.producing,.draining{color:var(--blue)}
.headline{font-size:1.25rem}
.reason{border-left:4px solid var(--warn);padding-left:.75rem}
.tiles{display:grid;grid-template-columns:repeat(4,minmax(0,1fr));gap:.75rem;margin:1.25rem 0 0}
.tiles div{background:var(--card);border:1px solid var(--rule);border-radius:.5rem;padding:.6rem .8rem}
.tiles dt{font-size:.85rem;color:var(--soft)}
.tiles dd{margin:0;font-size:1.35rem;font-weight:600;line-height:1.25}
.tiles small{display:block;font-size:.8rem;font-weight:normal}
.chart{margin:1rem 0 1.75rem;break-inside:avoid}
.chart figcaption{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 1rem;align-items:baseline}
.legend{display:flex;flex-wrap:wrap;gap:0 1rem;list-style:none;margin:0;padding:0;font-size:.9rem}
.key{width:1.6rem;height:.55rem;margin-right:.4rem}
.plot{display:grid;grid-template-columns:auto minmax(0,1fr);grid-template-rows:14rem 1.5rem;margin-top:.75rem}
.axis{position:relative;font-size:.8rem;color:var(--soft);line-height:1}
.axis span{position:absolute;white-space:nowrap}
.y{width:3.2rem}.y span{right:.5rem;transform:translateY(50%)}
.x{grid-column:2}.x span{top:.5rem;transform:translateX(-50%)}
.x span:first-child{transform:none}
.drawing{position:relative;border-bottom:1px solid var(--soft)}
.drawing svg{display:block;width:100%;height:100%;overflow:visible}
.mark{position:absolute;top:-.6rem;transform:translateX(-50%);background:var(--text);color:var(--ground);border-radius:.6rem;min-width:1.2rem;padding:0 .3rem;text-align:center;font-size:.75rem;line-height:1.2rem}
path{fill:none;vector-effect:non-scaling-stroke}
.grid{stroke:var(--rule);stroke-width:1}
.standstill{stroke:var(--text);stroke-width:1.5;stroke-dasharray:5 4}
.line{stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.line.main{stroke:var(--blue)}.line.second{stroke:var(--green)}.line.bad{stroke:var(--red);stroke-dasharray:2 4}.line.limit{stroke:var(--text);stroke-dasharray:8 5}
.area{stroke:none;opacity:.16}.area.main{fill:var(--blue)}.area.second{fill:var(--green)}
.shares{display:block;width:100%;height:1.75rem;margin:.75rem 0;border-radius:.3rem}
.shares rect{stroke:var(--ground);stroke-width:2;vector-effect:non-scaling-stroke}
.swatch{display:inline-block;width:.8rem;height:.8rem;margin-right:.5rem;border-radius:.15rem}
.shares .busy{fill:var(--blue)}.swatch.busy{background:var(--blue)}
.shares .ramp{fill:var(--yellow)}.swatch.ramp{background:var(--yellow)}
.shares .starved{fill:var(--orange)}.swatch.starved{background:var(--orange)}
.shares .pacing{fill:var(--sky)}.swatch.pacing{background:var(--sky)}
.shares .errors{fill:var(--red)}.swatch.errors{background:var(--red)}
.shares .tail{fill:var(--purple)}.swatch.tail{background:var(--purple)}
.shares .unknown{fill:var(--grey)}.swatch.unknown{background:var(--grey)}
.count{display:block;width:100%;height:.4rem;background:var(--card);border-radius:.2rem}.count .bad{fill:var(--red)}
.failure{margin:1rem 0 1.5rem;break-inside:avoid}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.92rem;min-width:min(100%,24rem)}
th,td{padding:.3rem .9rem .3rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule);font-weight:normal}
thead th{color:var(--soft);font-size:.85rem;vertical-align:bottom}
tbody th{white-space:nowrap}.stops{padding-left:1.4rem}.stops li{margin:.75rem 0}
.n,.figures td{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.figures th+th{text-align:right}
.wide{overflow-wrap:anywhere;min-width:9rem;max-width:32rem}
details{margin:.5rem 0 0;font-size:.92rem}summary{cursor:pointer;color:var(--soft)}
.settings{display:grid;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr));gap:0 1.5rem;margin:.5rem 0}
.settings div{display:flex;justify-content:space-between;gap:1rem;border-bottom:1px solid var(--rule);padding:.2rem 0}
.settings dt{color:var(--soft)}.settings dd{margin:0;flex:none;font-variant-numeric:tabular-nums}
.commands dt{color:var(--soft);font-size:.9rem}.commands dd{margin:0 0 .6rem}
.command{background:var(--card);border:1px solid var(--rule);border-radius:.3rem;padding:.15rem .5rem;overflow-wrap:anywhere;display:inline-block}
@media (max-width:40rem){main,footer{padding:.75rem}.tiles{grid-template-columns:repeat(2,minmax(0,1fr))}.y{width:2.6rem}.plot{grid-template-rows:11rem 1.5rem}h1{font-size:1.6rem}.spare{display:none}}
@media print{:root{--ground:#fff;--card:#fff;--text:#000;--soft:#444;--rule:#bbb;--blue:#0072b2;--green:#00805d;--orange:#e69f00;--warn:#9a5b00;--red:#b04400;--purple:#8c3d6c;--yellow:#998a00;--sky:#56b4e9;--grey:#777}body{font-size:11pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}main{padding:0;max-width:none}details{display:none}h2{break-after:avoid}.scroll{overflow:visible}}
`;
