/**
 * Which addresses may open another connection: bans, connection rates, connections at the same time.
 *
 * Owns how many connections each address has. Clients of a Unix socket have no address that could be
 * theirs alone, so they are not counted.
 */

import type { Network } from "../access/network.ts";
import { isInNetworks, parseNetworks } from "../transport/networks.ts";
import { FAILING_CONNECTION_RATE, type LoginService } from "./login_service.ts";
import type { ConnectionOrigin } from "./origin.ts";

/** Why a connection is turned away. */
export interface AdmissionRefusal {
  /** For the log. */
  readonly reason: string;
  /** It was told when it began, and is not told for each connection. */
  readonly isReported: boolean;
}

export interface AdmissionLimits {
  /** `Infinity`: no limit. */
  readonly maximumConnectionsPerAddress: number;
}

/** Networks of a list of the configuration: read once, and not for each connection. */
const networksOf = new WeakMap<readonly string[], readonly Network[]>();

/**
 * Whether another address than the socket's may turn out to be the client's: it comes from one of the
 * proxies that are believed. Strangers are counted and limited from the start.
 */
export function isBehindProxy({ listener, address }: ConnectionOrigin): boolean {
  const { proxyProtocol, proxyNetworks = [], websocket } = listener;
  if (proxyProtocol === "on") return proxyNetworks.length === 0 || isIn(proxyNetworks, address);
  return isIn(websocket?.trustedProxies ?? [], address);
}

function isIn(list: readonly string[], address: string): boolean {
  let networks = networksOf.get(list);
  if (networks === undefined) networksOf.set(list, networks = parseNetworks(list));
  return list.length > 0 && isInNetworks(networks, address);
}

export class Admission {
  readonly #login: Pick<LoginService, "refusesConnection" | "limits">;
  readonly #counts = new Map<string, number>();

  constructor(login: Pick<LoginService, "refusesConnection" | "limits">) {
    this.#login = login;
  }

  /** Asked once for each connection: the answer counts towards the rate. */
  refusalOfAddress(address: string, limits: AdmissionLimits): AdmissionRefusal | undefined {
    if (address === "") return undefined;
    const refusal = this.#login.refusesConnection(address);
    if (refusal === "banned") return { reason: "its address is banned", isReported: true };
    if (refusal === "failed logins") {
      const reason =
        `the limit for addresses whose logins fail (${FAILING_CONNECTION_RATE} a second)`;
      return { reason, isReported: false };
    }
    if (refusal !== undefined) {
      const { maximumConnectionRate } = this.#login.limits;
      const reason = `limits.max_connection_rate (${maximumConnectionRate} a second)`;
      return { reason, isReported: false };
    }
    const { maximumConnectionsPerAddress } = limits;
    if ((this.#counts.get(address) ?? 0) < maximumConnectionsPerAddress) return undefined;
    const reason = `limits.max_connections_per_address (${maximumConnectionsPerAddress})`;
    return { reason, isReported: false };
  }

  came(address: string): void {
    if (address !== "") this.#counts.set(address, (this.#counts.get(address) ?? 0) + 1);
  }

  left(address: string): void {
    if (address === "") return;
    const count = (this.#counts.get(address) ?? 1) - 1;
    if (count > 0) this.#counts.set(address, count);
    else this.#counts.delete(address);
  }
}
