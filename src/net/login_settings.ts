/**
 * Makes the login of a server from its settings, and makes it anew for a reload.
 *
 * Owns the passwords' workers, which outlive a reload. Invariant: what cannot be read changes nothing:
 * everything is read before any of it is put to use.
 */

import { Authenticator } from "../access/authenticator.ts";
import type { EnhancedMethod, LoginMethod } from "../access/login_method.ts";
import type { LineProblem } from "../access/password_file.ts";
import { PasswordMethod } from "../access/password_method.ts";
import { PasswordPool } from "../access/password_pool.ts";
import { PasswordVerifier } from "../access/password_verifier.ts";
import { loadUsers } from "../access/user_list.ts";
import type { Settings } from "../config/settings.ts";
import type { LoginEvents } from "./login_events.ts";
import { type LoginLimits, LoginService, type LoginStatistics } from "./login_service.ts";

/** The settings that are read here. */
export type LoginSettings = Pick<Settings, "users" | "authentication" | "limits">;

/** Other ways to prove a name, in the order in which they are asked. */
export interface OtherMethods {
  /** Asked before the users with passwords: what can tell at once that it is not meant (jwt). */
  readonly before?: readonly LoginMethod[];
  /** Asked about users that the lists do not have (http). */
  readonly after?: readonly LoginMethod[];
  readonly enhanced?: readonly EnhancedMethod[];
}

export interface LoginSurroundings {
  readonly events: LoginEvents;
  readonly statistics: LoginStatistics;
  /** Milliseconds that never go back. */
  nowMs(): number;
}

/** What was read for a login, not in use yet. */
export interface PreparedLogin {
  readonly authenticator: Authenticator;
  readonly limits: LoginLimits;
  /** The text of each user's password hash. */
  readonly hashes: ReadonlyMap<string, string>;
  /** Lines of password files that make no user. */
  readonly problems: readonly (LineProblem & { readonly path: string })[];
}

export class LoginSetup {
  readonly #pool = new PasswordPool();
  readonly #verifier = new PasswordVerifier(this.#pool);

  /** Reads the users. Throws an Error that names the password file that cannot be read. */
  async prepare(settings: LoginSettings, others: OtherMethods = {}): Promise<PreparedLogin> {
    const { users, authentication } = settings;
    const { passwordFiles } = authentication;
    const problems: (LineProblem & { path: string })[] = [];
    const hashes = await loadUsers(
      { users, passwordFiles },
      (path, problem) => problems.push({ path, ...problem }),
    );
    const passwords = users.length > 0 || passwordFiles.length > 0
      ? [new PasswordMethod(hashes, this.#verifier)]
      : [];
    const methods = [...others.before ?? [], ...passwords, ...others.after ?? []];
    return {
      authenticator: new Authenticator(methods, others.enhanced),
      limits: loginLimits(settings),
      hashes,
      problems,
    };
  }

  /** A reload: bans and counts stay, right passwords are computed anew. */
  apply(service: LoginService, { authenticator, limits }: PreparedLogin): void {
    this.#verifier.forget();
    service.apply(authenticator, limits);
  }

  /** Ends the workers; logins that wait for them are told that the server is busy. */
  close(): void {
    this.#pool.close();
  }
}

/** A login where nothing proves names: the listeners' policy for anonymous clients decides. */
export function openLogin(settings: LoginSettings): PreparedLogin {
  const limits = loginLimits(settings);
  return { authenticator: new Authenticator(), limits, hashes: new Map(), problems: [] };
}

/** Puts to use what was prepared. */
export function createLogin(
  { authenticator, limits }: PreparedLogin,
  { events, statistics, nowMs }: LoginSurroundings,
): LoginService {
  return new LoginService({ authenticator, limits, events, statistics, nowMs });
}

/** What of the settings limits logins and rates. */
export function loginLimits({ authentication, limits }: LoginSettings): LoginLimits {
  return {
    failedLoginsBeforeBan: authentication.failedLoginsBeforeBan,
    failedLoginWindowMs: authentication.failedLoginWindowMs,
    banTimeMs: authentication.banTimeMs,
    banLocalNetwork: authentication.banLocalNetwork,
    maximumConnectionRate: limits.maxConnectionRate,
    maximumMessageRate: limits.maxMessageRate,
    maximumMessageRatePerAddress: limits.maxMessageRatePerAddress,
  };
}
