/**
 * What the logins of all connections share: the authenticator, failed logins and bans, rates, answers
 * that are held back, and fights over Client Identifiers.
 *
 * Owns those tables, all of them bounded. One login is in `login.ts`. `apply` replaces what a reload
 * may change; bans and counts stay.
 */

import { addressKey } from "../access/address_key.ts";
import type { Authenticator } from "../access/authenticator.ts";
import { LoginDelays } from "./login_delays.ts";
import type { LoginEvents, RefusedLogin } from "./login_events.ts";
import { type LoginFailureLimits, LoginFailures } from "./login_failures.ts";
import { ClientFights } from "./login_fights.ts";
import { LoginQueue } from "./login_queue.ts";
import { MessageRate } from "./message_rate.ts";
import { MountPoint } from "./mount_point.ts";
import type { ConnectionOrigin } from "./origin.ts";
import { RateByAddress, TokenBucket } from "./rate_limit.ts";

export interface LoginLimits extends LoginFailureLimits {
  /** New connections a second from one address; `Infinity`: no limit, as in the next two. */
  readonly maximumConnectionRate: number;
  /** PUBLISH packets a second of one client. */
  readonly maximumMessageRate: number;
  readonly maximumMessageRatePerAddress: number;
}

/** The part of the broker's counters that is written here. */
export interface LoginStatistics {
  loginsFailed: number;
  addressesBanned: number;
  connectionsRefusedByBan: number;
}

export interface LoginServiceOptions {
  readonly authenticator: Authenticator;
  readonly limits: LoginLimits;
  readonly events: LoginEvents;
  readonly statistics: LoginStatistics;
  /** Milliseconds that never go back. */
  nowMs(): number;
}

/** Why a connection is closed as soon as it is accepted. */
export type AdmissionRefusal = "banned" | "connection rate" | "failed logins";

/**
 * An address whose logins come to nothing this often in a row, and more than once a second, fails: of
 * all connections of such addresses together so many a second are let in, and the others are closed
 * at once. Ten thousand a second would keep the event loop busy with nothing else.
 */
const FAILURES_IN_A_ROW = 10;
export const FAILING_CONNECTION_RATE = 200;

export class LoginService {
  readonly events: LoginEvents;
  readonly failures: LoginFailures;
  readonly fights = new ClientFights();
  readonly delays = new LoginDelays();
  readonly queue = new LoginQueue();
  readonly nowMs: () => number;
  readonly #statistics: LoginStatistics;
  readonly #failureRates = new RateByAddress(1, undefined, FAILURES_IN_A_ROW);
  readonly #failingConnections: TokenBucket;
  readonly #mountPoints = new Map<string, MountPoint>();
  #authenticator: Authenticator;
  #limits: LoginLimits;
  #connectionRates: RateByAddress | undefined;
  #messageRates: RateByAddress | undefined;

  constructor(options: LoginServiceOptions) {
    this.events = options.events;
    this.nowMs = () => options.nowMs();
    this.#statistics = options.statistics;
    this.failures = new LoginFailures(options.limits);
    this.#failingConnections = new TokenBucket(FAILING_CONNECTION_RATE, options.nowMs());
    this.#authenticator = options.authenticator;
    this.#limits = options.limits;
    this.apply(options.authenticator, options.limits);
  }

  get authenticator(): Authenticator {
    return this.#authenticator;
  }

  get limits(): LoginLimits {
    return this.#limits;
  }

  /** Holds for every login and connection from now on; connected clients keep their rate. */
  apply(authenticator: Authenticator, limits: LoginLimits): void {
    this.#authenticator = authenticator;
    this.#limits = limits;
    this.failures.limits = limits;
    this.#connectionRates = ratesOf(limits.maximumConnectionRate);
    this.#messageRates = ratesOf(limits.maximumMessageRatePerAddress);
  }

  /**
   * Whether a new connection of this address is to be closed at once. Counts it, so it is asked once
   * for each connection and address.
   */
  refusesConnection(address: string): AdmissionRefusal | undefined {
    const nowMs = this.nowMs();
    if (this.failures.refusesConnection(address, nowMs)) {
      this.#statistics.connectionsRefusedByBan++;
      return "banned";
    }
    if (this.#failsTooOften(address, nowMs)) return "failed logins";
    if (this.#connectionRates === undefined || address === "") return undefined;
    return this.#connectionRates.bucketOf(address, nowMs).take(nowMs)
      ? undefined
      : "connection rate";
  }

  #failsTooOften(address: string, nowMs: number): boolean {
    const isFailing = this.#failureRates.find(address)?.isEmpty(nowMs) === true;
    return isFailing && !this.#failingConnections.take(nowMs);
  }

  /** Undefined when this client may publish as fast as it likes. */
  messageRateFor(address: string): MessageRate | undefined {
    const nowMs = this.nowMs();
    const { maximumMessageRate } = this.#limits;
    const own = maximumMessageRate === Infinity
      ? undefined
      : new TokenBucket(maximumMessageRate, nowMs);
    const ofAddress = address === "" ? undefined : this.#messageRates?.bucketOf(address, nowMs);
    if (own === undefined && ofAddress === undefined) return undefined;
    return new MessageRate(own, ofAddress);
  }

  /** For the log: the rates that hold for one client. */
  get messageRateText(): string {
    const { maximumMessageRate, maximumMessageRatePerAddress } = this.#limits;
    const parts = [];
    if (maximumMessageRate < Infinity) {
      parts.push(`limits.max_message_rate (${maximumMessageRate})`);
    }
    if (maximumMessageRatePerAddress < Infinity) {
      parts.push(`limits.max_message_rate_per_address (${maximumMessageRatePerAddress})`);
    }
    return parts.join(" or ");
  }

  /** Undefined for a listener without one. */
  mountPointOf({ listener }: ConnectionOrigin): MountPoint | undefined {
    const prefix = listener.mountPoint ?? "";
    if (prefix === "") return undefined;
    let mountPoint = this.#mountPoints.get(prefix);
    if (mountPoint === undefined) {
      mountPoint = new MountPoint(prefix);
      this.#mountPoints.set(prefix, mountPoint);
    }
    return mountPoint;
  }

  /** Reports and counts a refused login; returns how long its answer is held back. */
  refused(login: RefusedLogin, address: string, isGuess: boolean): number {
    this.#statistics.loginsFailed++;
    this.events.loginRefused(login);
    this.#countFailure(address);
    const { delayMs, bannedAfter } = this.failures.failed(address, isGuess, this.nowMs());
    if (bannedAfter !== undefined) {
      this.#statistics.addressesBanned++;
      this.events.addressBanned(addressKey(address), bannedAfter, this.#limits.banTimeMs);
    }
    return delayMs;
  }

  /** Reports a login that nobody could decide about. */
  undecided(login: RefusedLogin, address: string): void {
    this.events.loginUndecided(login);
    this.#countFailure(address);
  }

  #countFailure(address: string): void {
    if (address === "") return;
    const nowMs = this.nowMs();
    this.#failureRates.bucketOf(address, nowMs).take(nowMs);
  }

  /** Says that a client took over from another connection. */
  tookOver(clientIdentifier: string, oldAddress: string, newAddress: string): void {
    const fight = this.fights.tookOver(clientIdentifier, oldAddress, newAddress, this.nowMs());
    if (fight !== undefined) this.events.clientsFight(fight);
  }

  /** Called about once a second. */
  tick(nowMs: number): void {
    this.fights.tick(nowMs);
    for (const { address, refusedConnections } of this.failures.tick(nowMs)) {
      this.events.banEnded(address, refusedConnections);
    }
  }
}

function ratesOf(perSecond: number): RateByAddress | undefined {
  return perSecond === Infinity ? undefined : new RateByAddress(perSecond);
}
