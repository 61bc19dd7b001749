/**
 * What the options of mosquitto.conf make together: listeners, plugins, bridges, and whose access
 * options are whose.
 *
 * Owns which option belongs to what. As in Mosquitto, a listener, plugin or bridge is "the current
 * one" within its file only; options of a listener before the first `listener` are for a default
 * listener on port 1883, which exists when one of them asks for something (as in Mosquitto 2.0).
 * Invariant: every entry is in exactly one place, or superseded by a later one of its name there.
 */

import type { ConfEntry, ConfFile } from "./conf_reader.ts";
import { type InputFiles, placeText } from "./input_files.ts";
import { parseCNumber } from "./option_value.ts";

/** Options by the first of their names. */
export type OptionMap = Map<string, ConfEntry>;

export interface ConfListener {
  /** What made it: `listener`, or the first option of the default listener. */
  readonly entry: ConfEntry;
  readonly isDefault: boolean;
  port: number;
  /** IP address or host name. */
  address: string | undefined;
  /** Of a Unix socket. */
  path: string | undefined;
  readonly options: OptionMap;
  readonly origins: ConfEntry[];
  /** Access options of its own, with `per_listener_settings`. */
  readonly access: OptionMap;
}

export interface ConfPlugin {
  readonly entry: ConfEntry;
  readonly path: string;
  /** With `plugin_load`. */
  readonly name: string | undefined;
  readonly options: ConfEntry[];
  /** The listeners it decides for; "all" without any. */
  users: "all" | ConfListener[];
}

export interface ConfModel {
  readonly entries: readonly ConfEntry[];
  readonly isPerListener: boolean;
  /** Nothing says where to listen: Mosquitto serves loopback alone, everybody without a name. */
  readonly isLocalOnly: boolean;
  readonly options: OptionMap;
  readonly access: OptionMap;
  /** Those that speak MQTT. */
  readonly listeners: readonly ConfListener[];
  /** Those of the HTTP API of Mosquitto 2.1. */
  readonly httpListeners: readonly ConfListener[];
  readonly plugins: readonly ConfPlugin[];
  readonly logDestinations: readonly ConfEntry[];
  readonly logTypes: readonly ConfEntry[];
  /** Entries that a later one of the same name makes void. */
  readonly superseded: ReadonlyMap<ConfEntry, ConfEntry>;
  /** Options of a default listener that does not come to be. */
  readonly idle: readonly ConfEntry[];
}

/** What an option of the default listener may say without making it. */
const WITHOUT_EFFECT: Readonly<Record<string, readonly string[]>> = {
  max_connections: ["-1"],
  max_qos: ["2"],
  protocol: ["mqtt"],
  require_certificate: ["false", "0"],
  use_identity_as_username: ["false", "0"],
  use_subject_as_username: ["false", "0"],
  use_username_as_clientid: ["false", "0"],
};

/** What says nothing to anybody any more. */
const UNHEARD = ["dhparamfile"];

/** What makes Mosquitto listen elsewhere than on loopback. */
const LISTENS = ["listener", "port", "bind_address"];

export function modelConf(entries: readonly ConfEntry[], files: InputFiles): ConfModel {
  return new ModelBuilder(entries, files).build();
}

/** What is current in one file. */
interface Current {
  listener: ConfListener | undefined;
  plugin: ConfPlugin | undefined;
  bridge: ConfEntry | undefined;
}

class ModelBuilder {
  readonly #entries: readonly ConfEntry[];
  readonly #files: InputFiles;
  readonly #options: OptionMap = new Map();
  readonly #access: OptionMap = new Map();
  readonly #listeners: ConfListener[] = [];
  readonly #plugins: ConfPlugin[] = [];
  readonly #logDestinations: ConfEntry[] = [];
  readonly #logTypes: ConfEntry[] = [];
  readonly #superseded = new Map<ConfEntry, ConfEntry>();
  readonly #currents = new Map<ConfFile, Current>();
  #default: ConfListener | undefined;
  #isPerListener = false;

  constructor(entries: readonly ConfEntry[], files: InputFiles) {
    this.#entries = entries;
    this.#files = files;
  }

  build(): ConfModel {
    for (const entry of this.#entries) this.#add(entry);
    const idle: ConfEntry[] = [];
    if (this.#default !== undefined) {
      if (isWanted(this.#default)) this.#listeners.push(this.#default);
      else idle.push(...this.#default.options.values());
    }
    const names = this.#entries.map(({ option }) => option?.names[0] ?? "");
    return {
      entries: this.#entries,
      isPerListener: this.#isPerListener,
      isLocalOnly: !names.some((name) => LISTENS.includes(name)),
      options: this.#options,
      access: this.#access,
      listeners: this.#listeners.filter(speaksMqtt),
      httpListeners: this.#listeners.filter((listener) => !speaksMqtt(listener)),
      plugins: this.#plugins,
      logDestinations: this.#logDestinations,
      logTypes: this.#logTypes,
      superseded: this.#superseded,
      idle,
    };
  }

  #add(entry: ConfEntry): void {
    const { option } = entry;
    if (option === undefined) return;
    const current = this.#currentOf(entry.file);
    switch (option.scope) {
      case "broker":
        return this.#addBroker(entry, option.names[0] ?? "");
      case "access":
        return this.#addAccess(entry, current);
      case "listener":
        return this.#addListener(entry, current);
      case "plugin":
        return this.#addPlugin(entry, current);
      case "bridge":
        if (entry.name === "connection") current.bridge = entry;
        else if (current.bridge === undefined) this.#needs(entry, "connection");
    }
  }

  #addBroker(entry: ConfEntry, name: string): void {
    if (name === "log_dest") this.#logDestinations.push(entry);
    else if (name === "log_type") this.#logTypes.push(entry);
    else if (name !== "include_dir") this.#put(this.#options, entry);
    if (name === "per_listener_settings" && entry.value.flag) this.#separateListeners(entry);
  }

  /** Once it is on, nothing turns it off. */
  #separateListeners(entry: ConfEntry): void {
    const before = this.#isPerListener
      ? undefined
      : [...this.#access.values()][0] ?? this.#plugins[0]?.entry;
    this.#isPerListener = true;
    if (before === undefined) return;
    this.#fail(entry, `it must stand before '${before.name}', which is ${placeText(before.place)}`);
  }

  #addAccess(entry: ConfEntry, current: Current): void {
    if (!this.#isPerListener) return this.#put(this.#access, entry);
    if (current.listener === undefined) return this.#needs(entry, "listener");
    this.#put(current.listener.access, entry);
  }

  #addListener(entry: ConfEntry, current: Current): void {
    const name = entry.option?.names[0] ?? "";
    if (name === "listener") {
      current.listener = this.#newListener(entry);
      return;
    }
    if (name === "port" || name === "bind_address") {
      const listener = current.listener = this.#defaultListener(entry);
      if (name === "port") listener.port = entry.value.number;
      else listener.address = entry.value.text;
      return this.#put(listener.options, entry);
    }
    const listener = current.listener ?? this.#defaultListener(entry);
    if (name === "websockets_origin") listener.origins.push(entry);
    else this.#put(listener.options, entry);
  }

  #newListener(entry: ConfEntry): ConfListener {
    const [portText = "", address] = entry.value.words;
    const port = parseCNumber(portText);
    if (!(port >= 0 && port <= 65_535)) {
      this.#fail(entry, `"${portText}" is not a port number from 0 to 65535`);
    } else if (port === 0 && address === undefined) {
      this.#fail(entry, "with port 0, the path of a Unix socket follows");
    }
    const listener = newListener(entry, false);
    listener.port = port;
    if (port === 0) listener.path = address;
    else listener.address = address;
    this.#listeners.push(listener);
    return listener;
  }

  #defaultListener(entry: ConfEntry): ConfListener {
    return this.#default ??= newListener(entry, true);
  }

  #addPlugin(entry: ConfEntry, current: Current): void {
    const { text, words } = entry.value;
    switch (entry.option?.names[0]) {
      case "plugin":
        if (this.#isPerListener && current.listener === undefined) {
          return this.#needs(entry, "listener");
        }
        current.plugin = newPlugin(entry, text);
        if (this.#isPerListener && current.listener) current.plugin.users = [current.listener];
        break;
      case "global_plugin":
        current.plugin = newPlugin(entry, text);
        break;
      case "plugin_load":
        current.plugin = { ...newPlugin(entry, words[1] ?? "", words[0]), users: [] };
        break;
      case "plugin_use":
        return this.#usePlugin(entry, current);
      default:
        if (current.plugin === undefined) return this.#needs(entry, "plugin");
        current.plugin.options.push(entry);
        return;
    }
    this.#plugins.push(current.plugin);
  }

  #usePlugin(entry: ConfEntry, current: Current): void {
    const plugin = this.#plugins.find(({ name }) => name === entry.value.text);
    if (plugin === undefined) {
      return this.#fail(entry, `there is no 'plugin_load ${entry.value.text}' before it`);
    }
    if (current.listener === undefined) return this.#needs(entry, "listener");
    if (plugin.users !== "all") plugin.users.push(current.listener);
    current.plugin = plugin;
  }

  #currentOf(file: ConfFile): Current {
    const known = this.#currents.get(file);
    if (known !== undefined) return known;
    const current: Current = { listener: undefined, plugin: undefined, bridge: undefined };
    this.#currents.set(file, current);
    return current;
  }

  #put(map: OptionMap, entry: ConfEntry): void {
    const name = entry.option?.names[0] ?? "";
    const before = map.get(name);
    if (before !== undefined) this.#superseded.set(before, entry);
    map.set(name, entry);
  }

  #needs(entry: ConfEntry, before: string): void {
    this.#fail(entry, `there is no '${before}' before it in this file`);
  }

  #fail({ name, file, range }: ConfEntry, reason: string): void {
    this.#files.fail(file.path, file.source, { message: `Cannot use '${name}': ${reason}`, range });
  }
}

function speaksMqtt({ options }: ConfListener): boolean {
  return options.get("protocol")?.value.text !== "http_api";
}

function newListener(entry: ConfEntry, isDefault: boolean): ConfListener {
  const maps = { options: new Map(), origins: [], access: new Map() };
  return { entry, isDefault, port: 1883, address: undefined, path: undefined, ...maps };
}

function newPlugin(entry: ConfEntry, path: string, name?: string): ConfPlugin {
  return { entry, path, name, options: [], users: "all" };
}

function isWanted({ options, origins }: ConfListener): boolean {
  return origins.length > 0 ||
    [...options].some(([name, { value }]) =>
      !UNHEARD.includes(name) && WITHOUT_EFFECT[name]?.includes(value.text) !== true
    );
}
