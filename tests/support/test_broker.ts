/**
 * The whole server in this process, on a free loopback port, with settings changed at will.
 */

import { defaultSettings } from "../../src/config/read.ts";
import type { ListenerSettings, Settings } from "../../src/config/settings.ts";
import { createServer } from "../../src/net/run.ts";
import type { Server } from "../../src/net/server.ts";

/** Any part of the settings; what is left out has its default. */
export interface SettingsOverrides {
  readonly limits?: Partial<Settings["limits"]>;
  readonly features?: Partial<Settings["features"]>;
  readonly sessions?: Partial<Settings["sessions"]>;
  readonly sysIntervalMs?: number;
  readonly listener?: Partial<ListenerSettings>;
}

export interface TestBroker extends AsyncDisposable {
  readonly hostname: string;
  readonly port: number;
  readonly server: Server;
}

/** Starts a server that is stopped when the returned value is disposed of. */
export async function startTestBroker(overrides: SettingsOverrides = {}): Promise<TestBroker> {
  const server = createServer(testSettings(overrides));
  const [error] = await server.start();
  if (error !== undefined) throw error;
  const address = server.listeners[0]?.addresses[0];
  const port = address !== undefined && "port" in address ? address.port : 0;
  return {
    hostname: "127.0.0.1",
    port,
    server,
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

function testSettings(overrides: SettingsOverrides): Settings {
  const settings = defaultSettings();
  const [listener] = settings.listeners;
  if (listener === undefined) {
    throw new Error("Cannot make a test listener: there is no default one");
  }
  return {
    ...settings,
    sysIntervalMs: overrides.sysIntervalMs ?? settings.sysIntervalMs,
    limits: { ...settings.limits, ...overrides.limits },
    features: { ...settings.features, ...overrides.features },
    sessions: { ...settings.sessions, ...overrides.sessions },
    listeners: [{ ...listener, address: "127.0.0.1", port: 0, ...overrides.listener }],
  };
}
