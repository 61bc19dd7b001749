/**
 * `broker explain`: whether the client would be let in, and as whom.
 *
 * Owns what is assumed where it cannot be known: that the password, the token or the certificate is
 * right, and what another program says. The policy for anonymous clients is the authenticator's own.
 */

import { Authenticator } from "../access/authenticator.ts";
import type { LoginMethod } from "../access/login_method.ts";
import { loadUsers } from "../access/user_list.ts";
import { hasCredentials } from "../config/derived.ts";
import { nearest } from "../config/nearest.ts";
import type { ListenerSettings, Settings } from "../config/settings.ts";

/** Who comes, and from where. */
export interface Visitor {
  readonly clientIdentifier: string;
  readonly username: string | undefined;
  /** Empty: by a Unix socket. */
  readonly address: string;
}

/** The client is let in; `username` as it is proven. */
export interface Admitted {
  readonly kind: "admitted";
  readonly username: string | undefined;
  /** What was assumed. */
  readonly notes: readonly string[];
}

export interface Rejected {
  readonly kind: "rejected";
  readonly cause: string;
}

/** Stands for the methods there are: without any, the reason for a refusal is another one. */
const SOME_METHOD: LoginMethod = {
  name: "users",
  check: () => ({ kind: "unknown", cause: "it is not asked" }),
};

/** Throws an Error that names the password file that cannot be read. */
export async function admit(
  visitor: Visitor,
  listener: ListenerSettings,
  settings: Settings,
): Promise<Admitted | Rejected> {
  const { username } = visitor;
  const isCertified = listener.tls.identity !== "none";
  if (username !== undefined && isCertified) {
    return admitted(username, "the user name is assumed to be that of its certificate");
  }
  if (isCertified && listener.tls.clientCertificate === "require") {
    return rejected("its listener wants a certificate, whose name is the user name: --user NAME");
  }
  if (username === undefined || !hasCredentials(settings)) {
    return await admitAnonymous(visitor, listener, settings);
  }
  return await admitUser(username, settings);
}

async function admitAnonymous(
  { clientIdentifier, username, address }: Visitor,
  listener: ListenerSettings,
  settings: Settings,
): Promise<Admitted | Rejected> {
  const decision = await new Authenticator(hasCredentials(settings) ? [SOME_METHOD] : []).decide({
    clientIdentifier,
    username,
    password: undefined,
    protocolVersion: 5,
    origin: { listener, address, certificate: undefined, isEncrypted: false },
  });
  if (decision.kind !== "accepted") return rejected(decision.cause);
  if (username === undefined) return { kind: "admitted", username, notes: [] };
  return admitted(
    undefined,
    "no users are configured, so its user name proves nothing: it is anonymous",
  );
}

async function admitUser(username: string, settings: Settings): Promise<Admitted | Rejected> {
  const { users, authentication } = settings;
  const { passwordFiles, jwt, http } = authentication;
  const known = await loadUsers({ users, passwordFiles }, () => {});
  const configured = users.find(({ name }) => name === username);
  if (known.has(username) || configured?.scram !== undefined) {
    return admitted(username, "its password is assumed to be right");
  }
  const others = [
    ...((jwt.key ?? jwt.keyFile ?? jwt.jwksFile) === undefined ? [] : ["a token"]),
    ...(http.url === undefined ? [] : ["the program at authentication.http.url"]),
  ];
  if (others.length > 0) {
    return admitted(username, `its user name is assumed to be proven by ${others.join(" or ")}`);
  }
  if (configured !== undefined) return rejected(`the user '${username}' has no password`);
  const near = nearest(username, [...known.keys()]);
  const hint = near === undefined ? "" : ` (did you mean '${near}'?)`;
  const where = passwordFiles.length > 0 ? "neither in users: nor in a password file" : "in users:";
  const there = passwordFiles.length > 0 ? "is" : "is not";
  return rejected(`the user '${username}' ${there} ${where}${hint}`);
}

function admitted(username: string | undefined, note: string): Admitted {
  return { kind: "admitted", username, notes: [note] };
}

function rejected(why: string): Rejected {
  return { kind: "rejected", cause: `it may not connect: ${why}` };
}
