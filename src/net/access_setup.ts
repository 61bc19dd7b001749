/**
 * From a configuration to what decides about access: who may log in, and by which rules.
 *
 * Owns the order of the login methods (tokens, users with passwords, webhook) and what must be closed
 * with them. Reads files; puts nothing to use. Invariant: when `prepare` throws, nothing has changed and
 * nothing is left open.
 */

import { messageOf } from "../error_text.ts";
import type { AccessControl } from "../broker/access.ts";
import { readConfiguredRules } from "../config/configured_rules.ts";
import type { EnhancedMethod, LoginMethod } from "../access/login_method.ts";
import { OPEN_ACCESS } from "../access/open_access.ts";
import { RuleAccess } from "../access/rule_access.ts";
import { RuleEngine } from "../access/rules.ts";
import type { Configuration } from "../config/configuration.ts";
import { hasJwt } from "../config/derived.ts";
import type { Settings } from "../config/settings.ts";
import { getLogger } from "../log/logger.ts";
import { LoginSetup, type PreparedLogin } from "./login_settings.ts";

/** Read, checked, and not in use yet. */
export interface PreparedAccess {
  readonly login: PreparedLogin;
  readonly access: AccessControl;
  /** For the log: what is valid and does nothing, or less than somebody may think. */
  readonly warnings: readonly string[];
  /** Ends what the login methods hold. Once, when others have taken their place or none will. */
  close(): void;
}

export class AccessSetup {
  readonly #setup = new LoginSetup();

  /** Throws an `Error` that says what cannot be used, and why. */
  async prepare({ settings, places }: Configuration): Promise<PreparedAccess> {
    const { layers, groups, warnings } = await readConfiguredRules(settings, places);
    const { partialSubscriptions } = settings.authentication;
    const access = layers.length === 0
      ? OPEN_ACCESS
      : new RuleAccess({ engine: new RuleEngine(layers), groups, partialSubscriptions });
    const { methods, close } = await openMethods(settings);
    try {
      const login = await this.#setup.prepare(settings, methods);
      const faults = login.problems.map(({ path, line, text }) => `${path}:${line}: ${text}`);
      return { login, access, warnings: [...warnings, ...faults], close };
    } catch (error) {
      close();
      throw error;
    }
  }

  /** Puts what was prepared in the place of what `service` has. */
  get login(): LoginSetup {
    return this.#setup;
  }

  /** Ends the workers that compute passwords. */
  close(): void {
    this.#setup.close();
  }
}

interface Methods {
  readonly methods: {
    readonly before: readonly LoginMethod[];
    readonly after: readonly LoginMethod[];
    readonly enhanced: readonly EnhancedMethod[];
  };
  close(): void;
}

/** What is not configured is not loaded either. */
async function openMethods({ users, authentication }: Settings): Promise<Methods> {
  const { jwt, http } = authentication;
  const before: LoginMethod[] = [];
  if (hasJwt(authentication)) {
    const { JwtLogin } = await import("../access/jwt.ts");
    const report = (problem: string) => getLogger("access").warning("{problem}", { problem });
    before.push(await JwtLogin.open({ ...jwt, report }));
  }
  const enhanced: EnhancedMethod[] = [];
  const verifiers = users.flatMap(({ name, scram }): [string, string][] =>
    scram === undefined ? [] : [[name, scram]]
  );
  if (verifiers.length > 0) {
    const { ScramUsers } = await import("../access/scram.ts");
    enhanced.push(new ScramUsers(verifiers));
  }
  if (http.url === undefined) return { methods: { before, after: [], enhanced }, close() {} };
  const { WebhookLogin } = await import("../access/webhook.ts");
  const caCertificates = http.ca === undefined ? [] : [await readCa(http.ca)];
  const webhook = new WebhookLogin({ ...http, url: http.url, caCertificates });
  return {
    methods: { before, after: [webhook], enhanced },
    close: () => webhook.close(),
  };
}

/** Throws an `Error` for people. */
async function readCa(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new Error(`Cannot read '${path}' (authentication.http.ca): ${messageOf(error)}`);
  }
}
