// SPDX-License-Identifier: Apache-2.0

import type {
	CAUSES,
	COMMANDS,
	CONFIGURATION_CHANGES,
	EventName,
	INPUT_FAULTS,
	INPUTS,
	OUTCOMES,
	PARTS,
	READER_COMMANDS,
	RESTARTS,
	SYNC_ENDS,
	TIME_SOURCES,
} from "../../../../protocol/events.js";
import type { Reason } from "../../../../protocol/reasons.js";

type Names<T> = Readonly<Record<keyof T, string>>;

/** A reason as a caretaker reads it: the end of "… was refused: ", and what to do. */
export interface ReasonPhrase {
	readonly short: string;
	readonly advice: string;
}

/** Events in the words of one language, for people who look after a building. `{name}` stands for what the event says. */
export interface Phrases {
	/** One sentence each, without the door. */
	readonly events: Readonly<Record<EventName, string>>;
	/** Where an event says one of two things: this is the other. */
	readonly others: Readonly<
		Record<
			| "denied"
			| "sync-ended"
			| "plan-refused"
			| "service-refused"
			| "part-failed"
			| "exit-ignored"
			| "command-refused",
			string
		>
	>;
	readonly reasons: Readonly<Record<Reason, ReasonPhrase>>;
	readonly causes: Names<typeof CAUSES>;
	readonly outcomes: Names<typeof OUTCOMES>;
	readonly restarts: Names<typeof RESTARTS>;
	readonly commands: Names<typeof COMMANDS & typeof READER_COMMANDS>;
	readonly changes: Names<typeof CONFIGURATION_CHANGES>;
	readonly parts: Names<typeof PARTS>;
	readonly inputs: Names<typeof INPUTS>;
	readonly faults: Names<typeof INPUT_FAULTS>;
	readonly sources: Names<typeof TIME_SOURCES>;
	readonly ends: Names<typeof SYNC_ENDS>;
	/** Of a credential that no person of the site has, and of what proved nothing. */
	readonly somebody: string;
	readonly stranger: string;
	/** Who gave a command: by cable, from the site. */
	readonly installer: string;
	readonly administrator: string;
	/** A kind that this version does not know. */
	readonly unknown: string;
}
