/**
 * The access policy without users and rules: who may connect depends on where it comes from, and
 * whoever is connected may publish and subscribe to everything.
 */

import type { AccessControl, ClientOrigin, Refusal } from "../broker/access.ts";
import type { ConnectPacket } from "../protocol/packet.ts";
import { ReasonCode } from "../protocol/reason_code.ts";
import { isLocalAddress } from "./local_network.ts";

/** Told of a refused client, before the broker answers it. */
export type RefusalObserver = (packet: ConnectPacket, origin: ClientOrigin, rule: string) => void;

export class OpenAccess implements AccessControl {
  readonly #refused: RefusalObserver;

  constructor(refused: RefusalObserver) {
    this.#refused = refused;
  }

  mayConnect(packet: ConnectPacket, origin: ClientOrigin): Refusal | undefined {
    if (origin.allowAnonymous === "always") return undefined;
    const isLocal = origin.address === "" || isLocalAddress(origin.address);
    if (origin.allowAnonymous === "local_network" && isLocal) return undefined;
    const rule = origin.allowAnonymous === "never"
      ? "its listener has 'allow_anonymous: never' and no users are configured"
      : "anonymous clients are served from the local network only; to serve them from everywhere, " +
        "give the listener 'allow_anonymous: always' in broker.yaml";
    this.#refused(packet, origin, rule);
    return { reasonCode: ReasonCode.NotAuthorized, reasonString: "Not authorized", rule };
  }

  mayPublish(): Refusal | undefined {
    return undefined;
  }

  maySubscribe(): Refusal | undefined {
    return undefined;
  }
}
