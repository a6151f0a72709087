import type { Limits } from './limits.ts';
import { line } from './line.ts';
import { quantile, ratio } from './promql.ts';
import type { Section } from './spec.ts';

/** How long set-up, answers, media and releases take. */
export function delays(limits: Limits): Section {
  const window = limits.window('PostDialDelayHigh');
  return {
    title: 'Delays',
    panels: [
      line({
        title: 'Post-dial delay',
        shows: 'INVITE to ringing: median and 95th percentile.',
        worry:
          'When p95 crosses the line: callers wait. A sudden step is often a dead route that is tried first.',
        unit: 's',
        limit: limits.of('PostDialDelayHigh'),
        targets: [0.5, 0.95].map((q) => ({
          expr: quantile(q, 'earshot_post_dial_delay_seconds', { window }),
          legend: q === 0.5 ? 'median' : 'p95',
          exemplars: true,
        })),
      }),
      line({
        title: 'Answer delay',
        shows: 'INVITE to the answer, and ringing by itself: medians.',
        worry:
          'When it jumps without ringing getting longer: set-up. When ringing is always as long as a timer: nobody is there.',
        unit: 's',
        targets: [
          {
            expr: quantile(0.5, 'earshot_answer_delay_seconds', { window }),
            legend: 'INVITE to answer',
            exemplars: true,
          },
          { expr: quantile(0.5, 'earshot_ring_seconds', { window }), legend: 'ringing', exemplars: true },
        ],
      }),
      line({
        title: 'Answer to first media',
        shows: '95th percentile, by trunk, of the slower way; ten slowest.',
        worry:
          'Above a second the first word is cut off: relays or NAT that wait for the other side, late SDP, ICE.',
        unit: 's',
        targets: [
          {
            expr: `topk(10, ${quantile(0.95, 'earshot_media_delay_seconds', { by: ['trunk'], window })} >= 0)`,
            legend: '{{trunk}}',
            exemplars: true,
          },
        ],
      }),
      line({
        title: 'Session request delay',
        shows:
          '95th percentile of INVITE to the first response above 100, or the last, by outcome (RFC 6076 4.3).',
        worry: 'When failures take long: a server that does not answer. When successes do: set-up is slow.',
        unit: 's',
        targets: [
          {
            expr: quantile(0.95, 'earshot_session_request_delay_seconds', { by: ['outcome'], window }),
            legend: '{{outcome}}',
            exemplars: true,
          },
        ],
      }),
      line({
        title: 'Session disconnect delay',
        shows: '95th percentile of BYE to its answer (RFC 6076 4.4).',
        worry: 'Above half a second BYEs are repeated: billing goes on after people have hung up.',
        unit: 's',
        targets: [
          {
            expr: quantile(0.95, 'earshot_session_disconnect_delay_seconds', { window }),
            legend: 'p95',
            exemplars: true,
          },
        ],
      }),
      line({
        title: 'Retransmissions',
        shows: 'Messages of calls that timers sent again, by requests.',
        worry:
          'When it is more than a few percent: loss on the way of signalling, or servers that answer late.',
        unit: 'percentunit',
        limit: limits.of('SipRetransmissionsHigh'),
        targets: [
          {
            expr: ratio('earshot_sip_retransmissions_total', 'earshot_call_requests_total', {
              window: limits.window('SipRetransmissionsHigh'),
            }),
            legend: 'sent again',
          },
        ],
      }),
    ],
  };
}
