/**
 * Settings that follow from others when they are not given: what a listener is called, and whom it
 * takes.
 *
 * Owns those rules. Invariant: names of listeners are unique unless two were given the same.
 */

import { isRawMap, ownValue, type RawMap } from "./raw.ts";
import { isMarkedSecret } from "./secret.ts";
import type { ListenerSettings, Settings } from "./settings.ts";
import { DEFAULT_PORT } from "./rows_listeners.ts";
import { asText } from "./text_forms.ts";

/** Whether tokens prove user names. */
export function hasJwt({ jwt }: Settings["authentication"]): boolean {
  return (jwt.key ?? jwt.keyFile ?? jwt.jwksFile) !== undefined;
}

/** Whether there is any way to prove a user name by a password or a token. */
export function hasCredentials({ users, authentication }: Settings): boolean {
  const { passwordFiles, http } = authentication;
  return users.length > 0 || passwordFiles.length > 0 || http.url !== undefined ||
    hasJwt(authentication);
}

/**
 * The names of listeners as the file has them, in their order: the one that was given, else the path,
 * else the port; a second one of the same port is "1883-2". `isHidden` says whose port or path must
 * not be shown: that listener is called "listener-1", by its number.
 */
export function listenerNames(
  items: readonly unknown[],
  isHidden: (index: number, key: string) => boolean = () => false,
): string[] {
  const given = items.map((item) =>
    isRawMap(item) ? asText("name", ownValue(item, "name")) : undefined
  );
  const taken = new Set(given);
  return items.map((item, index) => {
    const name = given[index];
    if (name !== undefined) return name;
    const base = endpointName(item, index, isHidden);
    let unique = base;
    for (let copy = 2; taken.has(unique); copy++) unique = `${base}-${copy}`;
    taken.add(unique);
    return unique;
  });
}

/** The settings with everything that was not given and follows from others. */
export function withDerived(settings: Settings, raw: RawMap): Settings {
  const given = ownValue(raw, "listeners");
  const items: readonly unknown[] = Array.isArray(given)
    ? given
    : settings.listeners.map(() => ({}));
  const names = listenerNames(items, (index, key) => {
    const listener = settings.listeners[index];
    return listener !== undefined && isMarkedSecret(listener, key);
  });
  const listeners = settings.listeners.map((listener, index): ListenerSettings => {
    const item = items[index];
    const isGiven = isRawMap(item) && ownValue(item, "allow_anonymous") !== undefined;
    const allowAnonymous = isGiven ? listener.allowAnonymous : anonymousDefault(settings, listener);
    return Object.freeze({ ...listener, name: names[index] ?? "", allowAnonymous });
  });
  return Object.freeze({ ...settings, listeners: Object.freeze(listeners) });
}

/** A listener on all addresses that says nothing but its port, as `--port` asks for. */
export function listenerOnPort(
  template: ListenerSettings,
  settings: Settings,
  port: number,
): ListenerSettings {
  return Object.freeze({
    ...template,
    name: String(port),
    port,
    allowAnonymous: anonymousDefault(settings, template),
  });
}

/** Where certificates or passwords prove names, whoever has none is not served. */
function anonymousDefault(
  settings: Settings,
  listener: ListenerSettings,
): ListenerSettings["allowAnonymous"] {
  const provesNames = hasCredentials(settings) || listener.tls.identity !== "none";
  return provesNames ? "never" : "local_network";
}

function endpointName(
  item: unknown,
  index: number,
  isHidden: (index: number, key: string) => boolean,
): string {
  const values = isRawMap(item) ? item : {};
  if (isHidden(index, "port") || isHidden(index, "path")) return `listener-${index + 1}`;
  const path = ownValue(values, "path");
  return typeof path === "string" ? path : String(ownValue(values, "port") ?? DEFAULT_PORT);
}
