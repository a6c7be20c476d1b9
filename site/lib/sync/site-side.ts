// SPDX-License-Identifier: Apache-2.0

import type { SyncSession } from "../../../protocol/sync/session.js";
import type { Books, SessionEnd } from "./books.js";
import type { SitePorts } from "./ports.js";

/** What all doors have in common. */
export interface SiteSide {
	readonly ports: SitePorts;
	readonly books: Books;
	readonly site: string;
}

/** A session's parties. */
export interface SessionOf {
	readonly door: string;
	/** The reader's public key. */
	readonly reader: Uint8Array;
	/** `cti` of its credential. */
	readonly readerId: Uint8Array;
	readonly sync: SyncSession;
	/** The newest record that the reader said it has in sessions before. */
	readonly saidLog: number;
	/** Publishes a frame to the reader. */
	readonly send: (frame: Uint8Array) => void;
	readonly onEnd: (why: SessionEnd) => void;
}
