/**
 * The broker that `bench` loads: how it is reached, and its process if it runs on this machine.
 *
 * Owns the translation of the options that are the same as those of `broker pub`.
 */

import { resolve } from "node:path";
import type { Endpoint } from "../client/endpoint.ts";
import { placeOf } from "../client/open_endpoint.ts";
import type { ConnectSettings } from "../load/load_connection.ts";
import { type LocalPlace, ProcessMeter, ProcessUnknown } from "../load/process_meter.ts";
import type { BrokerProcess } from "../load/usage_watch.ts";
import type { ProtocolVersion } from "../protocol/packet.ts";
import type { BenchFlags } from "./bench_request.ts";
import { defaultConnection, isEncrypted, portOf } from "./client/connection_settings.ts";
import { readTlsFiles } from "./client/tls_setup.ts";

export interface BenchTarget {
  readonly connect: ConnectSettings;
  readonly process: BrokerProcess;
  /** For people: "localhost:1883". */
  readonly name: string;
}

/** Throws `ToolFailure` when a file cannot be used. */
export function targetOf(flags: BenchFlags): BenchTarget {
  const endpoint = endpointOf(flags);
  return {
    connect: {
      endpoint,
      version: versionOf(flags.protocolVersion),
      username: flags.username,
      password: flags.pw,
    },
    process: processOf(endpoint, flags.pid),
    name: placeOf(endpoint),
  };
}

function endpointOf(flags: BenchFlags): Endpoint {
  const connection = defaultConnection();
  connection.host = flags.host ?? connection.host;
  connection.port = flags.port;
  connection.unixPath = flags.unix;
  const { tls } = connection;
  tls.caFile = flags.cafile;
  tls.certificateFile = flags.cert;
  tls.keyFile = flags.key;
  tls.useSystemCertificates = flags.tlsUseOsCerts ?? false;
  tls.isInsecure = flags.insecure ?? false;
  const isWebSocket = flags.ws === true || flags.wsPath !== undefined;
  return {
    host: connection.host,
    port: portOf(connection),
    unixPath: connection.unixPath,
    tls: isEncrypted(connection) ? readTlsFiles(tls) : undefined,
    websocketPath: isWebSocket ? flags.wsPath ?? connection.webSocketPath : undefined,
    proxy: undefined,
    bindAddress: undefined,
    noDelay: true,
  };
}

function versionOf(text: string | undefined): ProtocolVersion {
  if (text?.endsWith("311")) return 4;
  return text?.endsWith("31") ? 3 : 5;
}

/** The broker's process; where it is not known, the reason. */
function processOf(endpoint: Endpoint, pid: number | undefined): BrokerProcess {
  const given = pid === undefined ? ProcessMeter.fromInput() : undefined;
  if (given !== undefined) return { meter: given, unknown: undefined, isLocal: true };
  const isLocal = pid !== undefined || isThisMachine(endpoint);
  if (!isLocal) {
    return { meter: undefined, unknown: "it runs on another machine", isLocal };
  }
  try {
    const meter = pid === undefined
      ? ProcessMeter.find(localPlace(endpoint))
      : ProcessMeter.open(pid);
    return { meter, unknown: undefined, isLocal };
  } catch (error) {
    if (!(error instanceof ProcessUnknown)) throw error;
    return { meter: undefined, unknown: error.message, isLocal };
  }
}

function localPlace({ unixPath, port }: Endpoint): LocalPlace {
  // The kernel knows the path as the broker named it; most name it whole.
  return unixPath === undefined ? { port } : { unixPath: resolve(unixPath) };
}

function isThisMachine({ unixPath, host }: Endpoint): boolean {
  if (unixPath !== undefined || host === "localhost" || host.startsWith("127.")) return true;
  try {
    return host === Deno.hostname() ||
      Deno.networkInterfaces().some(({ address }) => address === host);
  } catch {
    return host === "::1";
  }
}
