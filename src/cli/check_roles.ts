/**
 * `broker check`: users that roles name and that are nowhere.
 *
 * Owns what can only be known with the password files read; the rest is in `config/conflicts`.
 */

import type { LoadedSettings } from "../config/load.ts";
import { HIDDEN, isMarkedSecret } from "../config/secret.ts";
import type { Settings } from "../config/settings.ts";

/** One line for each such user; `inFiles` are those of the password files. */
export function usersNowhere(loaded: LoadedSettings, inFiles: ReadonlySet<string>): string[] {
  const { settings, file, lineOf } = loaded;
  if (hasUnknownUsers(settings)) return [];
  const known = new Set([...inFiles, ...settings.users.map(({ name }) => name)]);
  return settings.roles.flatMap((role, index) =>
    (role.users ?? []).flatMap((name, at) => {
      if (known.has(name)) return [];
      const shown = isMarkedSecret(role, "users") ? HIDDEN : `'${name}'`;
      const line = lineOf(["roles", index, "users", at]);
      return [`${file}:${line}: There is no user ${shown}, neither here nor in a password file`];
    })
  );
}

/** Tokens, other programs and certificates name users that are written nowhere. */
function hasUnknownUsers({ listeners, authentication: { jwt, http } }: Settings): boolean {
  return http.url !== undefined || (jwt.key ?? jwt.keyFile ?? jwt.jwksFile) !== undefined ||
    listeners.some(({ tls }) => tls.identity !== "none");
}
