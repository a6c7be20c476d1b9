// SPDX-License-Identifier: Apache-2.0

import type { LogEntry } from "../../../protocol/log/record.js";

/** What of a door is published. */
export interface SiteDoor {
	readonly id: string;
	/** For people. */
	readonly name: string;
	/** Whether its reader is in a session with the site. */
	readonly online: boolean;
}

/** A record of a door's log, as the site has it. */
export interface DoorRecord extends Pick<LogEntry, "kind" | "detail" | "value" | "time" | "trust"> {
	/** Which of the door's readers wrote it. */
	readonly reader: number;
	/** When the site had it, seconds since 1970. */
	readonly received: number;
	/** Whom it is about, where the site knows. */
	readonly person: string | undefined;
}

/** What others may ask of a door: each for now or never. */
export const ASKED = Object.freeze(["open", "lock", "normal"] as const);
export type Asked = (typeof ASKED)[number];

/** Who asks, as the door's log and the server's have it. */
export interface Origin {
	/** 16 hexadecimal digits. */
	readonly id: string;
	readonly name: string;
}

/** A site's doors, as its server has them. */
export interface SiteDoors {
	list(): readonly SiteDoor[];
	/** The newest records of a door that say how it is, in the order in which the site got them. */
	recent(door: string): Promise<readonly DoorRecord[]>;
	/** What it gives back ends that. */
	watch(watcher: DoorWatcher): () => void;
	/** By the server's own rules: what came of it in words, `null` where it was done. Both go into its log. */
	command(door: string, asked: Asked, by: Origin): Promise<string | null>;
}

export interface DoorWatcher {
	/** A door came, went, got another name, or its reader's session began or ended. */
	changed(door: string): void;
	/** In the order in which the site gets them. */
	recorded(door: string, record: DoorRecord): void;
}
