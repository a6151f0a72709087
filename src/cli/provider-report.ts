import { INSIDE, type ProviderNetwork, providerView } from '../privacy/provider.ts';
import type { Evidence } from '../report/html/evidence-contract.ts';
import type { RecordStore } from '../report/record-store.ts';
import type { Report } from '../report/report.ts';
import { everything, type Selection } from '../report/selection.ts';
import type { Shown } from './covered-report.ts';
import { networkOf } from './provider-network.ts';

const LEFT_OUT = [
  'calls and streams that do not touch the network of the provider',
  'registrations, alerts and trunks to others',
  'names of users (numbers stay), User-Agents, and headers',
  `private addresses (shown as "${INSIDE}")`,
  'transfers, diversions, other legs, and what endpoints report',
  'other traffic in the voice class',
  'names of the capture files',
];

/**
 * A report for the provider whose network this is: what passed between it and the tap. The records are covered in place.
 */
export function forProvider(range: string, { report, evidence }: Shown): Shown {
  const network = networkOf(range);
  const { records, capture } = report;
  const selection = selectionFor(records, report.selection ?? everything(records), network);
  const view = providerView(network);
  records.cover(view);
  const { alerts: _, search: __, ...rest } = report;
  const leftOut = records.places === null ? LEFT_OUT : [...LEFT_OUT, 'names of sites and trunks'];
  const cut: Report = {
    ...rest,
    // Ratios over everything tell of other providers.
    signalling: null,
    capture: {
      ...view(capture),
      voiceClass: null,
      files: capture.files.map((file, i) => ({ ...file, path: `capture-${i + 1}` })),
    },
    selection,
    privacy: {
      pseudonyms: [],
      key: null,
      leftOut,
      text: `For the provider at ${range}: what passed between its network and the tap. Left out: ${leftOut.join('; ')}.`,
    },
  };
  return { report: cut, evidence: evidence === null ? null : evidenceFor(evidence, view, network) };
}

function selectionFor(records: RecordStore, chosen: Selection, network: ProviderNetwork): Selection {
  const touches = (stream: number): boolean => {
    const { srcIp, dstIp } = records.streams.summary(stream);
    return network.has(srcIp) || network.has(dstIp);
  };
  const calls = [...chosen.calls].filter(
    (call) => records.streamsOf(call).some(touches) || records.calls.summary(call).hosts.some(network.has),
  );
  const streams = [...chosen.streams].filter(touches);
  const streamIds = new Set(streams.map((stream) => records.streams.summary(stream).id));
  const ofCalls = new Set(calls.flatMap((call) => records.findingsOf(call)));
  const findings = [...chosen.findings].filter((finding) => {
    const { callId, streamId, party } = records.findings.summary(finding);
    if (party !== null) return false;
    if (streamId !== null) return streamIds.has(streamId);
    // What is wrong with the capture bears on everything in it.
    return callId === null || ofCalls.has(finding);
  });
  const trunks = [...chosen.trunks].filter((trunk) =>
    records.trunks.summary(trunk).addresses.some(network.has),
  );
  return { calls, streams, findings, registrations: [], trunks };
}

/** Messages between the provider and the tap. Frame numbers are of no use without the capture. */
function evidenceFor(evidence: Evidence, view: <T>(value: T) => T, network: ProviderNetwork): Evidence {
  return {
    ladder(call) {
      const ladder = evidence.ladder(call);
      if (ladder === null) return null;
      const steps = ladder.steps.filter(
        ({ src, dst }) => network.has(src?.ip ?? '') || network.has(dst?.ip ?? ''),
      );
      return view({ ...ladder, steps: steps.map((step) => ({ ...step, frame: null })) });
    },
    finding: () => null,
    stream: () => null,
  };
}
