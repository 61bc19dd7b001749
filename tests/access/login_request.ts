/**
 * Logins as values, with the fields that a test is about. Owns nothing.
 */

import type { LoginListener, LoginOrigin, LoginRequest } from "../../src/access/login_method.ts";

export function loginOrigin(
  listener: Partial<LoginListener> = {},
  fields: Partial<Omit<LoginOrigin, "listener">> = {},
): LoginOrigin {
  return {
    address: "203.0.113.10",
    certificate: undefined,
    isEncrypted: false,
    ...fields,
    listener: { name: "garden", allowAnonymous: "never", ...listener },
  };
}

/** `password` is text. */
export function loginRequest(
  username: string | undefined,
  password: string | undefined,
  origin: LoginOrigin = loginOrigin(),
): LoginRequest {
  return {
    clientIdentifier: "c",
    username,
    password: password === undefined ? undefined : new TextEncoder().encode(password),
    protocolVersion: 5,
    origin,
  };
}
