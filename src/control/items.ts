/**
 * What can be asked of a running broker, and the items that come back. They are what `--json` prints.
 *
 * Owns the names, which stay as they are (`CONTROL_PROTOCOL`). They are those of MQTT 5 in camelCase;
 * `null` stands for what there is not. Times are ISO 8601 in UTC, intervals seconds.
 */

/** Every command of this protocol. */
export const CONTROL_COMMANDS = [
  "reload",
  "status",
  "clients",
  "sessions",
  "kick",
  "retained",
  "clear-retained",
  "log-level",
] as const;

export type ControlCommand = typeof CONTROL_COMMANDS[number];

/** What a client or its session is: of `clients` and `sessions`. */
export type ClientItem = {
  readonly clientIdentifier: string;
  /** Null: anonymous. */
  readonly username: string | null;
  /** What a client that is connected calls itself where nothing proves names. */
  readonly unprovenUsername: string | null;
  readonly connected: boolean;
  /** IP address and port of a client that is connected, else the address that it had. */
  readonly address: string | null;
  readonly listener: string | null;
  readonly protocolVersion: string;
  readonly bridge: boolean;
  /** Of the connection of now, or the last one since the start of the broker. */
  readonly connectedAt: string | null;
  readonly disconnectedAt: string | null;
  /** Seconds; 0: none. Null for a client that is away. */
  readonly keepAlive: number | null;
  /** Seconds; null: for ever. */
  readonly sessionExpiryInterval: number | null;
  /** When the session ends unless its client comes back. */
  readonly expiresAt: string | null;
  readonly subscriptionCount: number;
  /** Messages that wait to be sent, and the memory that they are charged for. */
  readonly queued: number;
  readonly queuedBytes: number;
  /** Sent and not acknowledged. */
  readonly inFlight: number;
  /** On their way to the network. */
  readonly bufferedBytes: number;
  /** Of the connection of now; null for a client that is away. */
  readonly bytesReceived: number | null;
  readonly bytesSent: number | null;
};

export type SubscriptionItem = {
  readonly topicFilter: string;
  readonly qos: number;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly subscriptionIdentifier: number | null;
};

/** More subscriptions of the session before: a line has some hundreds of them. */
export type MoreSubscriptions = {
  readonly moreSubscriptions: readonly SubscriptionItem[];
};

export type WaitingItem = {
  readonly topicName: string;
  readonly qos: number;
  readonly payloadBytes: number;
  /** "queued", "waitsForPuback", "waitsForPubrec" or "waitsForPubcomp". */
  readonly state: string;
};

export type SessionItem = ClientItem & {
  /** Only if they were asked for. */
  readonly subscriptions?: readonly SubscriptionItem[];
  /** Only of one session that was asked for. */
  readonly will?: {
    readonly topicName: string;
    readonly qos: number;
    readonly retain: boolean;
    readonly payloadBytes: number;
    readonly willDelayInterval: number;
  } | null;
  readonly groups?: readonly string[];
  readonly inboundPacketIdentifiers?: number;
  /** The first ones, in the order in which they will be sent. */
  readonly messages?: readonly WaitingItem[];
};

export type RetainedItem = {
  readonly topicName: string;
  readonly qos: number;
  readonly payloadBytes: number;
  /** Null: not known; it was retained by a version that did not note it. */
  readonly retainedAt: string | null;
  readonly ageSeconds: number | null;
  /** Client Identifier; null: not known. */
  readonly publisher: string | null;
  readonly expiresAt: string | null;
};

/** The last item of `retained` and `clear-retained`. */
export type RetainedSummary = {
  readonly count: number;
  /** Of their payloads. */
  readonly payloadBytes: number;
  /** Left out of those that an age was asked for of, since theirs is not known. */
  readonly unknownAge: number;
};

export type LevelsItem = {
  /** By part of the log; null: silent. */
  readonly levels: Readonly<Record<string, string | null>>;
};

export type ListenerItem = {
  readonly name: string;
  readonly endpoint: string;
  /** What is listened on now. */
  readonly addresses: readonly string[];
  /** Who may connect, in words. */
  readonly policy: string;
  readonly state: "open" | "retrying" | "closed";
  readonly problem: string | null;
  readonly connections: number;
  readonly maximumConnections: number | null;
};

/** Something that has a limit. */
export type Fill = {
  readonly bytes: number;
  /** Null: no limit. */
  readonly maximumBytes: number | null;
};

export type StoreItem = {
  readonly path: string;
  readonly durability: string;
  readonly fileBytes: number;
  readonly bytesWritten: number;
  readonly bytesWrittenToday: number;
  readonly commits: number;
  readonly lastCommitAt: string | null;
  /** Changes that the next commit writes. */
  readonly pendingChanges: number;
  readonly isWritable: boolean;
  readonly problem: string | null;
};

export type StatusItem = {
  readonly version: string;
  readonly processId: number;
  readonly startedAt: string;
  readonly uptime: number;
  readonly configurationFile: string | null;
  readonly listeners: readonly ListenerItem[];
  readonly clients: {
    readonly connected: number;
    readonly away: number;
    /** Most that were connected at once, since the start. */
    readonly maximumConnected: number;
    readonly connections: number;
    readonly maximumConnections: number | null;
  };
  /** A second, over the last `seconds`. */
  readonly rates: {
    readonly seconds: number;
    readonly messagesReceived: number;
    readonly messagesSent: number;
    readonly bytesReceived: number;
    readonly bytesSent: number;
  };
  /** Since the start. */
  readonly totals: {
    readonly messagesReceived: number;
    readonly messagesSent: number;
    readonly publishReceived: number;
    readonly publishSent: number;
    readonly bytesReceived: number;
    readonly bytesSent: number;
    readonly connectionsAccepted: number;
    readonly connectionsRefused: number;
    readonly loginsFailed: number;
    readonly publishRefused: number;
    readonly subscriptionsRefused: number;
  };
  /** Messages that a session did not get, by why. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly memory: {
    readonly residentBytes: number;
    readonly heapUsedBytes: number;
    readonly heapTotalBytes: number;
    readonly externalBytes: number;
    /** What waits for the network, and for the rest of large packets. */
    readonly output: Fill;
    readonly input: Fill;
    readonly queues: Fill;
    readonly retained: Fill;
    readonly subscriptions: Fill;
  };
  /** Null: nothing is stored. */
  readonly store: StoreItem | null;
  readonly queuedMessages: number;
  readonly retained: { readonly count: number; readonly maximumCount: number | null };
  readonly subscriptions: {
    readonly count: number;
    readonly shared: number;
    readonly maximumCount: number | null;
  };
  readonly bans: {
    readonly count: number;
    /** The first hundred. */
    readonly addresses: readonly {
      readonly address: string;
      readonly until: string;
      readonly refusedConnections: number;
    }[];
  };
};
