import type { Link } from './spec.ts';

/** What Grafana puts in for a name in braces. */
function filled(name: string): string {
  return `$\{${name}}`;
}

/** Address of the probe as the browser reaches it. */
const PROBE = filled('probe_url:raw');
const TIME = filled('__url_time_range');

export const STATUS_PAGE: Link = { title: 'Status page of the probe: worst recent calls', url: `${PROBE}/` };
export const WORST_CALLS: Link = { title: 'Worst recent calls (JSON)', url: `${PROBE}/api/calls?worst=50` };
/** Of a series by verdict. */
export const CALLS_OF_VERDICT: Link = {
  title: 'Recent calls of this verdict',
  url: `${PROBE}/api/calls?newest=50&verdict=${filled('__field.labels.verdict')}`,
};
/** Of a series by code. */
export const CALLS_OF_FINDING: Link = {
  title: 'Worst recent calls with this finding',
  url: `${PROBE}/api/calls?worst=50&finding=${filled('__field.labels.code')}`,
};
/** Of a row of a table by code. */
export const CALLS_OF_ROW: Link = {
  title: 'Worst recent calls with this finding',
  url: `${PROBE}/api/calls?worst=50&finding=${filled('__data.fields.code')}`,
};

/** The call of a row; it was renamed by then. */
export const CALL_OF_ROW: Link = {
  title: 'The call on the probe',
  url: `${PROBE}/calls/${filled('__value.raw')}`,
};

/** Sites and trunks, at this row's. */
export const SITE_OF_ROW: Link = {
  title: 'This site alone',
  url: `/d/earshot-sites?var-site=${filled('__data.fields.site')}&${TIME}`,
};
export const TRUNK_OF_ROW: Link = {
  title: 'This trunk alone',
  url: `/d/earshot-sites?var-trunk=${filled('__data.fields.trunk')}&${TIME}`,
};
/** Sites and trunks, at this series' site. */
export const SITE_OF_SERIES: Link = {
  title: 'This site alone',
  url: `/d/earshot-sites?var-site=${filled('__field.labels.site')}&${TIME}`,
};
export const STREAMS: Link = {
  title: 'Streams and codecs',
  url: `/d/earshot-streams?${filled('__all_variables')}&${TIME}`,
};
