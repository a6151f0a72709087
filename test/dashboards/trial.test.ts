import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { FOLDER, NAMES } from './found.ts';

/* Nothing here starts the trial: that its files agree with each other is what can be said of it. */

interface Service {
  image: string;
  network_mode: string;
  command?: string[];
  environment?: Record<string, string>;
  volumes: string[];
}

const read = (path: string): string => readFileSync(join(FOLDER, path), 'utf8');
const compose = parse(read('compose.yaml')) as {
  services: Record<string, Service>;
  volumes: Record<string, object>;
};
const services = Object.entries(compose.services);

describe.each(services)('%s', (_, service) => {
  test('has an image with a version', () => {
    expect(service.image).toMatch(/^[\w./-]+:(v?\d+\.\d+\.\d+|trial)$/);
  });

  test('mounts files that there are, read-only, and volumes that are declared', () => {
    for (const volume of service.volumes) {
      const [from = '', to = '', mode] = volume.split(':');
      expect(to).toMatch(/^\//);
      if (!from.startsWith('.')) expect(Object.keys(compose.volumes)).toContain(from);
      else {
        expect(existsSync(join(FOLDER, from)), from).toBe(true);
        expect(mode).toBe('ro');
      }
    }
  });

  test('shares the network of the machine, and listens on 127.0.0.1 alone', () => {
    expect(service.network_mode).toBe('host');
    const said = [...(service.command ?? []), ...Object.values(service.environment ?? {})].join(' ');
    for (const [address] of said.matchAll(/\b\d+\.\d+\.\d+\.\d+\b|\[::\]/g))
      expect(address).toBe('127.0.0.1');
  });

  test('takes nothing from the environment that .env.example does not name', () => {
    const known = [...read('.env.example').matchAll(/^(\w+)=/gm)].map(([, name]) => name);
    for (const [, name] of JSON.stringify(service).matchAll(/\$\{(\w+)/g)) expect(known).toContain(name);
  });
});

test('each server has been told where to listen', () => {
  const { prometheus, alertmanager, grafana, influxdb } = compose.services;
  expect(prometheus!.command).toContain('--web.listen-address=127.0.0.1:9090');
  expect(alertmanager!.command).toContain('--web.listen-address=127.0.0.1:9093');
  expect(alertmanager!.command).toContain('--cluster.listen-address=');
  expect(grafana!.environment).toMatchObject({ GF_SERVER_HTTP_ADDR: '127.0.0.1' });
  expect(influxdb!.environment).toMatchObject({
    INFLUXDB_HTTP_BIND_ADDRESS: '127.0.0.1:8086',
    INFLUXDB_BIND_ADDRESS: '127.0.0.1:8088',
  });
});

test('no password has a default', () => {
  for (const [, name, value] of read('.env.example').matchAll(/^(\w*PASSWORD\w*)=(.*)$/gm)) {
    expect(value, name).toBe('');
  }
  expect(read('compose.yaml')).not.toMatch(/PASSWORD: (?!\$\{\w+:\?)/);
});

test('addresses of data sources, scrapes and alerts are those of the services', () => {
  const { datasources } = parse(read('provisioning/datasources/earshot.yaml')) as {
    datasources: { type: string; url: string; jsonData: Record<string, unknown> }[];
  };
  expect(Object.fromEntries(datasources.map(({ type, url }) => [type, url]))).toEqual({
    prometheus: 'http://127.0.0.1:9090',
    alertmanager: 'http://127.0.0.1:9093',
    influxdb: 'http://127.0.0.1:8086',
  });
  const probe = parse(read('probe/earshot.yaml')) as { http: { listen: string } };
  const prometheus = parse(read('prometheus/prometheus.yml')) as {
    global: { scrape_interval: string };
    scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
    alerting: { alertmanagers: { static_configs: { targets: string[] }[] }[] };
  };
  const [scrape] = prometheus.scrape_configs;
  expect(scrape!.job_name).toBe('earshot');
  expect(scrape!.static_configs[0]!.targets).toEqual([probe.http.listen]);
  expect(prometheus.alerting.alertmanagers[0]!.static_configs[0]!.targets).toEqual(['127.0.0.1:9093']);
  const source = datasources.find(({ type }) => type === 'prometheus')!.jsonData;
  expect(source.timeInterval).toBe(prometheus.global.scrape_interval);
  expect(source.exemplarTraceIdDestinations).toEqual([
    // Grafana makes one dollar of two.
    {
      name: 'call',
      url: `http://${probe.http.listen}/calls/$$\{__value.raw}`,
      urlDisplayLabel: 'The call on the probe',
    },
  ]);
});

test('Grafana finds every dashboard where it is told to look', () => {
  const { providers } = parse(read('provisioning/dashboards/earshot.yaml')) as {
    providers: { type: string; options: { path: string } }[];
  };
  expect(providers.map(({ type }) => type)).toEqual(['file']);
  const mounted = compose.services.grafana!.volumes.filter((volume) => volume.includes('.json:'));
  const { path } = providers[0]!.options;
  expect(mounted.sort()).toEqual(NAMES.map((name) => `./${name}:${path}/${name}:ro`).sort());
  expect(compose.services.grafana!.environment!.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH).toBe(
    `${path}/earshot-overview.json`,
  );
});

test('exemplars are kept, and last week is', () => {
  const { command } = compose.services.prometheus!;
  expect(command).toContain('--enable-feature=exemplar-storage');
  const days = /retention\.time=(\d+)d/.exec(command!.join(' '))![1];
  expect(Number(days)).toBeGreaterThanOrEqual(8);
});
