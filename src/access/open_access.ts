/**
 * Access for a broker without rules: whoever was let in may publish and receive everything.
 *
 * Who is let in is up to the authenticator. The `$SYS` topics stay the broker's own: the core sees to
 * that itself.
 */

import type { AccessControl, ClientAccess } from "../broker/access.ts";

/** One object for all clients, and no work for any of them. */
const EVERYTHING: ClientAccess = {
  mayPublish: () => undefined,
  mayReceive: () => true,
  maySubscribe: () => undefined,
};

export const OPEN_ACCESS: AccessControl = { accessOf: () => EVERYTHING };
