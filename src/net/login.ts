/**
 * The login of one connection: from CONNECT, over whatever the authenticator needs, to who the client
 * is or a refusal; and re-authentication later (MQTT 5 sections 3.1.4, 4.12 and 4.12.1).
 *
 * Owns the exchange of enhanced authentication that is going on, and the answer that is held back.
 * Sends nothing: the connection does. Invariant: what a refused client is told depends on whether it
 * named somebody, never on why it was refused; the log gets that.
 */

import { messageOf } from "../error_text.ts";
import { addressKey } from "../access/address_key.ts";
import type { Decision } from "../access/authenticator.ts";
import { certificateName } from "../access/certificate_name.ts";
import type { Exchange, ExchangeStep, LoginRequest } from "../access/login_method.ts";
import type { ClientIdentity, Refusal } from "../broker/access.ts";
import type { AuthPacket, ConnectPacket, Properties } from "../protocol/packet.ts";
import { ProtocolError, ReasonCode } from "../protocol/reason_code.ts";
import type { Delay } from "./login_delays.ts";
import type { RefusedLogin } from "./login_events.ts";
import type { LoginService } from "./login_service.ts";
import { clientIdentifierFor, versionRefusal } from "./login_terms.ts";
import type { ConnectionOrigin } from "./origin.ts";

/** The client is in. */
export interface LoginAccepted {
  readonly kind: "accepted";
  readonly identity: ClientIdentity;
  /** CONNECT as the broker is to see it. */
  readonly packet: ConnectPacket;
  /** What the login adds to CONNACK, or to the AUTH that ends a re-authentication. */
  readonly properties: Properties;
  /** A User Name that nobody has proven. */
  readonly unprovenUsername: string | undefined;
  /** When the client is to be disconnected; `Infinity`: never. */
  readonly validUntilMs: number;
}

/** The client is told so in CONNACK or DISCONNECT, and disconnected. */
export interface LoginRefused {
  readonly kind: "refused";
  readonly reasonCode: ReasonCode;
  readonly reasonString: string;
}

/** The client gets AUTH with these properties and answers it. */
export interface LoginChallenge {
  readonly kind: "challenge";
  readonly properties: Properties;
}

export type LoginOutcome = LoginAccepted | LoginRefused | LoginChallenge;

/** Whose login it is. */
export interface LoginClient {
  readonly packet: ConnectPacket;
  readonly origin: ConnectionOrigin;
  /** "192.168.1.7:51234". */
  readonly remoteAddress: string;
  /** Whether a client with this Client Identifier is connected. */
  isConnected(clientIdentifier: string): boolean;
}

type Later<Value> = Value | Promise<Value>;

export class Login {
  readonly #service: LoginService;
  readonly #client: LoginClient;
  readonly #method: string | undefined;
  #exchange: Exchange | undefined;
  /** Who it was when it connected: re-authentication never makes it somebody else. */
  #identity: ClientIdentity | undefined;
  #delay: Delay | undefined;

  constructor(service: LoginService, client: LoginClient) {
    this.#service = service;
    this.#client = client;
    this.#method = client.packet.properties.authenticationMethod;
  }

  /** Whether AUTH may come from this client [MQTT-4.12.0-7]. */
  get isEnhanced(): boolean {
    return this.#method !== undefined;
  }

  /** Acts on CONNECT. Answers at once where nothing has to be waited for. */
  start(): Later<LoginOutcome> {
    const { packet, origin } = this.#client;
    const refusal = versionRefusal(origin.listener, packet);
    if (refusal !== undefined) return this.#refuseTerms(refusal);
    if (this.#method !== undefined) {
      return this.#startExchange(this.#method, packet.properties.authenticationData);
    }
    const request = this.#request();
    const hasCredentials = request.username !== undefined || request.password !== undefined;
    const key = addressKey(origin.address);
    const mustQueue = hasCredentials && this.#service.failures.isSuspicious(origin.address);
    if (mustQueue && !this.#service.queue.enter(key)) {
      return this.#undecided("too many logins of addresses that have failed before are verified");
    }
    const decision = this.#service.authenticator.decide(request);
    if (!(decision instanceof Promise)) {
      if (mustQueue) this.#service.queue.leave(key);
      return this.#decided(decision);
    }
    return decision.then((value) => this.#decided(value)).finally(() => {
      if (mustQueue) this.#service.queue.leave(key);
    });
  }

  /** Acts on AUTH. Throws `ProtocolError` for one that may not come now. */
  receive(packet: AuthPacket): Later<LoginOutcome> {
    if (this.#method === undefined) {
      throw protocolError("the connection was made without an Authentication Method"); // [MQTT-4.12.0-7]
    }
    if (packet.properties.authenticationMethod !== this.#method) {
      throw protocolError("its Authentication Method is not that of CONNECT"); // [MQTT-4.12.0-5]
    }
    const { authenticationData } = packet.properties;
    if (packet.reasonCode === ReasonCode.ContinueAuthentication) {
      if (this.#exchange === undefined) throw protocolError("no authentication is going on");
      return this.#next(this.#exchange, authenticationData);
    }
    if (packet.reasonCode !== ReasonCode.ReAuthenticate || this.#identity === undefined) {
      throw protocolError("it has to go on with Reason Code 0x18"); // [MQTT-4.12.0-3]
    }
    if (this.#exchange !== undefined) throw protocolError("an authentication is going on already");
    return this.#startExchange(this.#method, authenticationData); // [MQTT-4.12.1-1]
  }

  /** The connection is gone. */
  abandon(): void {
    this.#delay?.cancel();
    this.#exchange = undefined;
  }

  // Enhanced authentication.

  #startExchange(method: string, data: Uint8Array | undefined): Later<LoginOutcome> {
    const exchange = this.#service.authenticator.startExchange(method, this.#request());
    if (exchange !== undefined) {
      this.#exchange = exchange;
      return this.#next(exchange, data);
    }
    return this.#refuseTerms({
      reasonCode: ReasonCode.BadAuthenticationMethod, // [MQTT-4.12.0-1]
      reasonString: "This Authentication Method is not available",
      rule: `its Authentication Method '${method}' is not configured`,
    });
  }

  #next(exchange: Exchange, data: Uint8Array | undefined): Later<LoginOutcome> {
    const key = addressKey(this.#client.origin.address);
    const mustQueue = this.#service.failures.isSuspicious(this.#client.origin.address);
    if (mustQueue && !this.#service.queue.enter(key)) {
      return this.#undecided("too many logins of addresses that have failed before are verified");
    }
    let step: Later<ExchangeStep>;
    try {
      step = exchange.next(data);
    } catch (error) {
      step = { kind: "unavailable", cause: messageOf(error) };
    }
    if (!(step instanceof Promise)) {
      if (mustQueue) this.#service.queue.leave(key);
      return this.#stepped(step);
    }
    return step.catch((error): ExchangeStep => ({ kind: "unavailable", cause: messageOf(error) }))
      .then((value) => this.#stepped(value)).finally(() => {
        if (mustQueue) this.#service.queue.leave(key);
      });
  }

  #stepped(step: ExchangeStep): Later<LoginOutcome> {
    if (step.kind === "continue") {
      return { kind: "challenge", properties: this.#authProperties(step.data) };
    }
    this.#exchange = undefined;
    switch (step.kind) {
      case "proven": {
        // As with a User Name: what the certificate says counts.
        const username = certificateName(this.#client.origin) ?? step.username;
        const { groups, validForMs, data } = step;
        const decision = { kind: "accepted", username, groups, validForMs } as const;
        return this.#accept(decision, this.#authProperties(data));
      }
      case "refused":
        return this.#reject(step.cause, true, step.username);
      case "unavailable":
        return this.#undecided(step.cause);
    }
  }

  /** The method is that of CONNECT in every AUTH and in CONNACK [MQTT-4.12.0-5]. */
  #authProperties(data: Uint8Array | undefined): Properties {
    const properties: Properties = {};
    if (this.#method !== undefined) properties.authenticationMethod = this.#method;
    if (data !== undefined) properties.authenticationData = data;
    return properties;
  }

  // What comes of it.

  #decided(decision: Decision): Later<LoginOutcome> {
    switch (decision.kind) {
      case "accepted":
        return this.#accept(decision, {});
      case "rejected":
        return this.#reject(decision.cause, decision.hadCredentials);
      case "undecided":
        return this.#undecided(decision.cause);
    }
  }

  #accept(
    decision: Extract<Decision, { kind: "accepted" }>,
    properties: Properties,
  ): Later<LoginOutcome> {
    const { username, groups, unprovenUsername, validForMs = Infinity } = decision;
    const { packet, origin } = this.#client;
    const validUntilMs = this.#service.nowMs() + validForMs;
    if (this.#identity !== undefined) {
      if (this.#identity.username !== username) {
        return this.#reject("it re-authenticates as somebody else", true, username);
      }
      const identity = this.#identity;
      return { kind: "accepted", identity, packet, properties, unprovenUsername, validUntilMs };
    }
    const clientIdentifier = clientIdentifierFor(
      origin.listener,
      packet.clientIdentifier,
      username ?? unprovenUsername,
    );
    if (typeof clientIdentifier !== "string") return this.#refuseTerms(clientIdentifier);
    const { name: listener } = origin.listener;
    this.#identity = { username, groups, listener, address: origin.address };
    const accepted: LoginAccepted = {
      kind: "accepted",
      identity: this.#identity,
      packet: this.#packetFor(clientIdentifier),
      properties: this.#connackProperties(properties, clientIdentifier),
      unprovenUsername,
      validUntilMs,
    };
    if (!this.#client.isConnected(clientIdentifier)) return accepted;
    const { fights, nowMs } = this.#service;
    return this.#after(fights.delayMs(clientIdentifier, nowMs()), accepted);
  }

  /** CONNECT with its Client Identifier, below the mount point, and with the exchange behind it. */
  #packetFor(clientIdentifier: string): ConnectPacket {
    const { packet, origin } = this.#client;
    const mounted = this.#service.mountPointOf(origin)?.enterConnect(packet) ?? packet;
    const isSame = clientIdentifier === packet.clientIdentifier && this.#method === undefined;
    if (isSame) return mounted;
    const { authenticationMethod: _method, authenticationData: _data, ...properties } =
      mounted.properties;
    return { ...mounted, clientIdentifier, properties };
  }

  #connackProperties(properties: Properties, clientIdentifier: string): Properties {
    const added = { ...properties };
    if (clientIdentifier !== this.#client.packet.clientIdentifier) {
      added.assignedClientIdentifier = clientIdentifier; // [MQTT-3.1.3-7]
    }
    return added;
  }

  #reject(
    cause: string,
    hadCredentials: boolean,
    username = this.#client.packet.username,
  ): Later<LoginOutcome> {
    const delayMs = this.#service.refused(
      this.#refusedLogin(cause, username),
      this.#client.origin.address,
      hadCredentials,
    );
    return this.#after(delayMs, {
      kind: "refused",
      ...(hadCredentials
        ? {
          reasonCode: ReasonCode.BadUserNameOrPassword,
          reasonString: "Bad user name or password",
        }
        : { reasonCode: ReasonCode.NotAuthorized, reasonString: "Not authorized" }),
    });
  }

  #undecided(cause: string): LoginRefused {
    this.#service.undecided(this.#refusedLogin(cause), this.#client.origin.address);
    return {
      kind: "refused",
      reasonCode: ReasonCode.ServerBusy,
      reasonString: "The server is busy",
    };
  }

  #refuseTerms({ reasonCode, reasonString, rule }: Refusal): LoginRefused {
    this.#service.events.loginRefused(this.#refusedLogin(rule));
    return { kind: "refused", reasonCode, reasonString };
  }

  #refusedLogin(cause: string, username = this.#client.packet.username): RefusedLogin {
    const { packet, origin, remoteAddress } = this.#client;
    return {
      username,
      clientIdentifier: packet.clientIdentifier,
      remoteAddress,
      listener: origin.listener.name,
      cause,
    };
  }

  #after(delayMs: number, outcome: LoginOutcome): Later<LoginOutcome> {
    this.#delay = this.#service.delays.wait(delayMs);
    return this.#delay === undefined ? outcome : this.#delay.over.then(() => outcome);
  }

  #request(): LoginRequest {
    const { packet, origin } = this.#client;
    const { clientIdentifier, username, password, protocolVersion } = packet;
    return { clientIdentifier, username, password, protocolVersion, origin };
  }
}

function protocolError(why: string): ProtocolError {
  return new ProtocolError(ReasonCode.ProtocolError, `Cannot accept AUTH: ${why}`);
}
