import type { EarshotConfig } from '../config/earshot-schema.ts';
import { httpOptions } from '../config/serving-schema.ts';
import type { GroupsConfig } from '../metrics/groups/groups.ts';
import type { HttpOptions } from '../web/http-options.ts';

/** How a live probe is served; plain data. */
export interface ServingPlan {
  http: HttpOptions;
  /** Its name; null for that of the machine. */
  probe: string | null;
  groups: GroupsConfig;
  labelSets: number;
  recentCalls: number;
}

/**
 * What a configuration says of it, at the address of the command line where that names one; null where nobody is to
 * listen.
 */
export function servingPlan(
  config: EarshotConfig,
  listen: { host: string; port: number } | null,
): ServingPlan | null {
  const address = listen === null ? config.http.listen : addressText(listen);
  const http = httpOptions({ ...config.http, listen: address });
  if (http === null) return null;
  const { metrics, groups, probe } = config;
  return { http, probe: probe.name, groups, labelSets: metrics.labelSets, recentCalls: metrics.recentCalls };
}

function addressText({ host, port }: { host: string; port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
