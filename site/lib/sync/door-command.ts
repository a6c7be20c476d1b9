// SPDX-License-Identifier: Apache-2.0

/** What an administrator wants of a door, now or never. */
export interface DoorCommand {
	readonly what: string;
	/** Seconds for which an `open` releases the strike; 0: its strike time. */
	readonly for: number;
	/** Who commands, 8 bytes. */
	readonly by: Uint8Array;
}

/**
 * What has become of a command: it is done; the reader refused it, or it never went out, for this reason; or the reader has not
 * answered, so that it may have been done.
 */
export type CommandResult = "done" | "unknown" | { readonly refusal: string };
