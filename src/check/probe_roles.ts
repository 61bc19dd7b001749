/**
 * `broker check`: users that roles name and that are nowhere.
 *
 * Owns what can only be known with the password files read; the rest is in `config/conflicts`.
 */

import type { LoadedSettings } from "../config/load.ts";
import { HIDDEN, isMarkedSecret } from "../config/secret.ts";
import type { Settings } from "../config/settings.ts";
import { type Finding, placeOf } from "./finding.ts";

/** A warning for each such user; `inFiles` are those of the password files. */
export function usersNowhere(loaded: LoadedSettings, inFiles: ReadonlySet<string>): Finding[] {
  const { settings } = loaded;
  if (hasUnknownUsers(settings)) return [];
  const known = new Set([...inFiles, ...settings.users.map(({ name }) => name)]);
  return settings.roles.flatMap((role, index) =>
    (role.users ?? []).flatMap((name, at): Finding[] => {
      if (known.has(name)) return [];
      const isHidden = isMarkedSecret(role, "users");
      const [file] = settings.authentication.passwordFiles;
      const command = file === undefined || isMarkedSecret(settings.authentication, "passwordFiles")
        ? "broker passwd --help"
        : `broker passwd '${file}' '${name}'`;
      return [{
        severity: "warning",
        place: placeOf(loaded, ["roles", index, "users", at]),
        problem: `There is no user ${isHidden ? HIDDEN : `'${name}'`}, neither here nor in a ` +
          "password file",
        cure: isHidden ? undefined : command,
      }];
    })
  );
}

/** Tokens, other programs and certificates name users that are written nowhere. */
function hasUnknownUsers({ listeners, authentication: { jwt, http } }: Settings): boolean {
  return http.url !== undefined || (jwt.key ?? jwt.keyFile ?? jwt.jwksFile) !== undefined ||
    listeners.some(({ tls }) => tls.identity !== "none");
}
