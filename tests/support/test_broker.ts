/**
 * The whole server in this process, on a free loopback port, with settings changed at will.
 */

import { defaultSettings } from "../../src/config/read.ts";
import type { ListenerSettings, Settings } from "../../src/config/settings.ts";
import { AccessSetup } from "../../src/net/access_setup.ts";
import { createServer } from "../../src/net/create_server.ts";
import type { Server } from "../../src/net/server.ts";

/** Any part of the settings; what is left out has its default. */
export interface SettingsOverrides {
  readonly limits?: Partial<Settings["limits"]>;
  readonly features?: Partial<Settings["features"]>;
  readonly sessions?: Partial<Settings["sessions"]>;
  readonly sysIntervalMs?: number;
  readonly listener?: Partial<ListenerSettings>;
  readonly users?: Settings["users"];
  readonly roles?: Settings["roles"];
  readonly authentication?: Partial<Settings["authentication"]>;
}

export interface TestBroker extends AsyncDisposable {
  readonly hostname: string;
  readonly port: number;
  readonly server: Server;
}

/** Starts a server that is stopped when the returned value is disposed of. */
export async function startTestBroker(overrides: SettingsOverrides = {}): Promise<TestBroker> {
  const settings = testSettings(overrides);
  const setup = new AccessSetup();
  const access = await setup.prepare({ settings, places: undefined });
  const server = createServer(settings, { access });
  const [error] = await server.start();
  if (error !== undefined) throw error;
  const address = server.listeners.all[0]?.addresses[0];
  const port = address !== undefined && "port" in address ? address.port : 0;
  return {
    hostname: "127.0.0.1",
    port,
    server,
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      access.close();
      setup.close();
    },
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
    users: overrides.users ?? settings.users,
    roles: overrides.roles ?? settings.roles,
    authentication: { ...settings.authentication, ...overrides.authentication },
    listeners: [{ ...listener, address: "127.0.0.1", port: 0, ...overrides.listener }],
  };
}
