/**
 * Which password and ACL files Mosquitto uses, and for which listeners.
 *
 * Owns the three ways to name them: the option, the option of each listener, and the plugins of
 * Mosquitto 2.1 that take their place.
 */

import type { ConfEntry } from "./conf_reader.ts";
import type { ConfListener, ConfModel, ConfPlugin } from "./conf_model.ts";

export type AccessFileKind = "password_file" | "acl_file";

/** A file that is used. */
export interface AccessFile {
  /** The option that names it. */
  readonly entry: ConfEntry;
  /** As it was written. */
  readonly path: string;
  /** "all": whoever connects. */
  readonly listeners: "all" | readonly ConfListener[];
}

/** The plugins whose work is done here, by the end of their path. */
const PLUGINS: Readonly<Record<AccessFileKind, RegExp>> = {
  password_file: /mosquitto_password_file\.(?:so|dll|dylib)$/,
  acl_file: /mosquitto_acl_file\.(?:so|dll|dylib)$/,
};

/** The files of a kind, each path once for the listeners it counts for. */
export function accessFiles(model: ConfModel, kind: AccessFileKind): AccessFile[] {
  const files: AccessFile[] = [];
  const all = model.access.get(kind);
  if (all !== undefined) files.push({ entry: all, path: all.value.text, listeners: "all" });
  for (const listener of model.listeners) {
    const own = listener.access.get(kind);
    if (own !== undefined) files.push({ entry: own, path: own.value.text, listeners: [listener] });
  }
  for (const plugin of model.plugins) {
    if (!PLUGINS[kind].test(plugin.path)) continue;
    const entry = pluginFile(plugin, kind);
    if (entry === undefined) continue;
    files.push({ entry, path: entry.value.text, listeners: usersOf(plugin, model) });
  }
  return files;
}

/** Whether the work of the plugin is done here: it reads a file that is read here. */
export function isKnownPlugin(plugin: ConfPlugin): boolean {
  return (["password_file", "acl_file"] as const).some((kind) =>
    PLUGINS[kind].test(plugin.path) && pluginFile(plugin, kind) !== undefined
  );
}

function pluginFile({ options }: ConfPlugin, kind: AccessFileKind): ConfEntry | undefined {
  return options.find(({ name }) => name.replace(/^(?:plugin|auth)_opt_/, "") === kind);
}

/** A plugin that every listener uses is for all. */
function usersOf({ users }: ConfPlugin, { listeners }: ConfModel): "all" | ConfListener[] {
  if (users === "all" || listeners.every((listener) => users.includes(listener))) return "all";
  return users;
}

/** Whether a file counts for a listener. */
export function countsFor({ listeners }: AccessFile, listener: ConfListener): boolean {
  return listeners === "all" || listeners.includes(listener);
}
