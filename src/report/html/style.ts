/** Style of the report: one column, light and dark, screen and paper. Every text has a contrast of 4.5 and more. */
export const STYLE = `
:root { color-scheme: light dark; --back: #fff; --text: #1a1d21; --dim: #565c65; --line: #cdd2d8; --panel: #f5f7f9;
  --good: #17633a; --bad: #b3261e; --warn: #7d4b00; --both: #6f2da8; --a: #0b57a4; --b: #a04400; --focus: #0b57a4;
  --f-good: #7fbf98; --f-bad: #c9382f; --f-sig: #c98a1b; --f-both: #8e4ec6; --f-unk: #aeb4bc; --hatch: #fff;
  --codec: #6b7280; --loss: #b3261e; --discard: #a04400; --delay: #6f2da8; --left: #17633a; --on: #fff }
@media (prefers-color-scheme: dark) { :root { --back: #14171a; --text: #e6e9ec; --dim: #a8afb8; --line: #3b4148; --panel: #1c2024;
  --good: #7fd69c; --bad: #ff8f86; --warn: #ffc46b; --both: #d3a8ff; --a: #82bbff; --b: #ffb27a; --focus: #82bbff;
  --f-good: #3f8f5e; --f-bad: #e5574d; --f-sig: #d79a33; --f-both: #a970e0; --f-unk: #6b727b; --hatch: #14171a;
  --codec: #c0c6ce; --loss: #ff8f86; --discard: #ffb27a; --delay: #d3a8ff; --left: #7fd69c; --on: #14171a } }
* { box-sizing: border-box }
body { background: var(--back); color: var(--text); font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 84rem; padding: 1rem }
h1 { font-size: 1.4rem; margin: 0 0 .3rem } h2 { font-size: 1.15rem; margin: 1.8rem 0 .4rem } h3 { font-size: 1.05rem; margin: 1.2rem 0 .4rem }
h4 { font-size: .95rem; margin: 1rem 0 .3rem } h5 { font-size: .9rem; margin: .6rem 0 .2rem } p { margin: .3rem 0 } ul { margin: .3rem 0; padding-left: 1.2rem }
ul.plain { list-style: none; padding: 0 } .dim { color: var(--dim) } .warn { color: var(--warn) } .lead { font-size: 1.1rem }
a { color: var(--a) } :focus-visible { outline: 3px solid var(--focus); outline-offset: 2px } h3:focus { outline: none }
.skip { position: absolute; left: -999rem } .skip:focus { position: static } .sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none; padding: 0 }
table { border-collapse: collapse; width: 100% } .scroll { overflow-x: auto } caption { text-align: left; font-weight: 600 }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .6rem .25rem 0; text-align: left; vertical-align: top; overflow-wrap: break-word }
.wire { max-width: 17rem; overflow-wrap: anywhere; min-width: 7rem } .nowrap { white-space: nowrap } table.wide { min-width: 56rem } ul.worst li { margin: .35rem 0 } li, p { overflow-wrap: anywhere }
thead th { color: var(--dim); font-weight: 600; font-size: .87rem } tbody th { font-weight: 400 } .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; overflow-wrap: normal }
table.compact { width: auto } .compact td, .compact th { padding: .1rem .9rem .1rem 0 }
th button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; text-decoration: underline dotted }
.mark { font-weight: 600; white-space: nowrap } .v-healthy, .t-trusted { color: var(--good) } .v-media, .s-critical, .t-untrusted { color: var(--bad) }
.v-signalling, .s-warning, .t-degraded { color: var(--warn) } .v-both { color: var(--both) } .v-unknown, .s-info { color: var(--dim) }
section.trust { border-left: 4px solid var(--good); background: var(--panel); padding: .1rem .9rem .4rem; margin-top: 1rem; color: var(--text) }
section.trust.t-degraded { border-color: var(--warn) } section.trust.t-untrusted { border-color: var(--bad) } section.trust h2 { margin-top: .5rem }
section.call { border-top: 3px solid var(--line); margin-top: 1.6rem; content-visibility: auto; contain-intrinsic-size: auto 1100px }
#chosen section.call { content-visibility: visible } dl.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); gap: .1rem 1.4rem; margin: .3rem 0 }
dl.facts div { display: flex; gap: .6rem } dl.facts dt { color: var(--dim); flex: 0 0 6.2rem } dl.facts dd { margin: 0; overflow-wrap: anywhere }
ul.findings { list-style: none; padding: 0 } ul.findings li { border-left: 3px solid var(--line); padding: .1rem 0 .3rem .8rem; margin: .5rem 0 }
code { font: .85rem/1.4 ui-monospace, monospace; overflow-wrap: anywhere } code.filter { background: var(--panel); padding: .05rem .3rem; user-select: all } pre { overflow-x: auto }
svg { display: block; max-width: 100% } svg text { fill: var(--text); font: 12px system-ui, sans-serif } figure { margin: 0 }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; align-items: center; margin: .3rem 0 } .legend span { display: inline-flex; gap: .4rem; align-items: center }
.swatch { border-radius: 2px } .patterns { position: absolute } svg.timeline { background: var(--panel); margin: .3rem 0 } svg.timeline rect[data-call] { cursor: pointer }
.f-healthy { fill: var(--f-good) } .f-media { fill: var(--f-bad) } .f-signalling { fill: url(#p-signalling) } .f-both { fill: url(#p-both) } .f-unknown { fill: var(--back); stroke: var(--f-unk); stroke-width: 1.5 }
.b-signalling { fill: var(--f-sig) } .b-both { fill: var(--f-both) } .hatch { fill: var(--hatch); fill-opacity: .55 }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); gap: 1rem 1.6rem } .card figcaption { font-weight: 600 } .card table.compact td, .card table.compact th { padding-right: .7rem }
.card figcaption .dim { font-weight: 400 } .runs { fill: var(--a) } .grid { stroke: var(--line); fill: none; vector-effect: non-scaling-stroke } .chance { stroke: var(--b); stroke-width: 2; stroke-dasharray: 4 3; fill: none }
.panel { display: grid; grid-template-columns: 5.6rem 1fr; gap: .5rem; margin: .15rem 0 } .yl { display: flex; flex-direction: column; justify-content: space-between; text-align: right; font-size: .75rem; line-height: 1.1; color: var(--dim) }
.yl b { order: 2; color: var(--text); font-weight: 600 } .yl span:last-child { order: 3 } .lane-row .yl { justify-content: center } svg.plot, svg.lanes { background: var(--panel) } svg.lanes text { paint-order: stroke; stroke: var(--panel); stroke-width: 3px }
.plots { position: relative } .plots:focus-visible { outline-offset: 4px } .line, .tick { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke } .line.thin { stroke-width: 1; stroke-opacity: .8 } .line.way-b { stroke-dasharray: 6 3 } .line.thin.way-b { stroke-dasharray: 3 2 } .tick { stroke-width: 1.5 }
.line.way-a, .tick.way-a { stroke: var(--a) } .line.way-b, .tick.way-b { stroke: var(--b) } .bar.way-a { fill: var(--a) } .bar.way-b { fill: var(--b) } .bar.late { fill-opacity: .3; stroke-width: 1; vector-effect: non-scaling-stroke } .bar.late.way-a { stroke: var(--a) } .bar.late.way-b { stroke: var(--b) }
.key::before { content: ""; width: 1.6rem; border-top: 3px solid var(--a) } .key.way-b::before { border-top: 3px dashed var(--b) } .k-sip { fill: var(--a) } .k-bad, .k-gap { fill: var(--f-bad) } .k-key { fill: var(--f-both) } .k-good { fill: var(--f-good); fill-opacity: .4 } .k-plain { fill: var(--f-sig); fill-opacity: .4 }
.lanes .k-s-critical { fill: var(--f-bad); fill-opacity: .35 } .lanes .k-s-warning { fill: var(--f-sig); fill-opacity: .35 } .lanes .k-s-info { fill: var(--f-unk); fill-opacity: .35 } .k-gap { fill-opacity: .35 }
.tools { margin-left: auto } .tools button, button.copy, .find input, .more button { font: inherit; font-size: .87rem; color: var(--text); background: var(--panel); border: 1px solid var(--dim); border-radius: 4px; padding: .1rem .5rem; cursor: pointer } .find input { cursor: text; width: min(24rem, 70vw); padding: .3rem .5rem }
.readout { min-height: 1.4em; font-variant-numeric: tabular-nums } .cursor { stroke: var(--text); stroke-width: 1; stroke-dasharray: 2 2; vector-effect: non-scaling-stroke }
table.ladder td, table.ladder th { vertical-align: middle; padding-top: 0; padding-bottom: 0; border: 0 } table.ladder td.lane { padding: 0 .6rem; min-width: 26rem; width: 45% } table.ladder th.lane { padding: 0 .6rem } td.sdp { font-size: .85rem; max-width: 24rem } tr.again { color: var(--dim) }
table.ladder tbody tr:nth-child(even) { background: var(--panel) } .life { stroke: var(--line) } .hosts text { font-weight: 600; fill: var(--dim) } line.request, line.response, line.refusal { stroke-width: 1.6; stroke: var(--a) } path.request, path.response { fill: var(--a) } line.response { stroke-dasharray: 5 3 } line.refusal { stroke: var(--bad) } path.refusal { fill: var(--bad) } tr.again line:not(.life) { stroke-opacity: .6 }
.pair { display: flex; flex-wrap: wrap; gap: .6rem 3rem; align-items: flex-start } .picture svg { width: 20rem } .picture figcaption { font-weight: 600 } .picture { max-width: 24rem }
.score svg { border-radius: 3px; overflow: hidden } .p-left { fill: var(--left) } .p-codec { fill: var(--codec) } .p-loss { fill: var(--loss) } .p-discard { fill: var(--discard) } .p-delay { fill: var(--delay) } svg.bar text { fill: var(--on); font-weight: 600 }
details { margin: .4rem 0 } summary { cursor: pointer; color: var(--a) } footer { margin-top: 2rem; border-top: 1px solid var(--line) } [hidden] { display: none !important }
@media (max-width: 40rem) { body { padding: .6rem } .panel { grid-template-columns: 3.6rem 1fr } table.ladder td.lane { min-width: 18rem } dl.facts dt { flex-basis: 5rem } .compact td, .compact th { padding-right: .45rem; font-size: .85rem } }
@media print { html { font-size: 11px } body { max-width: none; padding: 0; font-size: 11px } svg text { font-size: 10px } table.ladder td.lane, table.wide { min-width: 0 } .tools, .find, .more, .back, .skip, .readout, nav, button { display: none !important } .scroll { overflow: visible } section.call { content-visibility: visible; break-before: page; border: 0 } figure, li, tr { break-inside: avoid }
  details::details-content { content-visibility: visible } * { print-color-adjust: exact; -webkit-print-color-adjust: exact } }
`;
