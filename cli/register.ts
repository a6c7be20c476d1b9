// SPDX-License-Identifier: Apache-2.0

import type { Command } from "commander";
import type { ServerSettings } from "../protocol/config/server.js";
import { Failure } from "../site/lib/files/failure.js";
import type {
	DoorRegistration,
	Registered,
	RegisteredReader,
	Registration,
} from "../site/lib/registration.js";
import { serverWords } from "./labels.js";
import { hint } from "./output.js";
import { isAttended, isYes } from "./prompt.js";
import { isLoopback, type ServerOptions, SiteServer, serverOptions } from "./site-server.js";

export interface RegisterOptions extends ServerOptions {
	/** The reader takes the place of another, without a question. */
	readonly replace?: boolean;
}

const OUTCOMES: Readonly<Record<Registered["registered"], string>> = {
	new: "registered with the server",
	same: "registered with the server already",
	replaced: "registered with the server, in the place of the former reader",
};

/** What `--site` takes besides. */
export function registerOptions(command: Command): Command {
	return serverOptions(command).option(
		"--replace",
		"the reader takes the place of another that the server knows for this door",
	);
}

/** `undefined` without `--site`. Throws `Failure`. */
export async function registrarOf(
	options: RegisterOptions,
	door: string,
): Promise<DoorRegistrar | undefined> {
	if (options.site !== undefined) return DoorRegistrar.of(options, door);
	const alone = (["tokenFile", "insecure", "replace"] as const).find((name) => options[name] !== undefined);
	if (alone === undefined) return undefined;
	throw new Failure(
		"usage",
		"no-site",
		`--${alone === "tokenFile" ? "token-file" : alone} says how a server is spoken to, and none is named`,
		"Give its address besides: --site https://doors.example.org.",
	);
}

/** Registers a reader that is commissioned, where there is a server, and tells by `tell` what it is then, however that ends. */
export async function registered(
	registrar: DoorRegistrar | undefined,
	reader: Pick<Registration, "key" | "name" | "readerId">,
	tell: (outcome: Registered | undefined) => void,
): Promise<void> {
	try {
		tell(await registrar?.register(reader));
	} catch (error) {
		if (!(error instanceof Failure)) throw error;
		tell(undefined);
		const { advice, exit, message, reason } = error;
		throw new Failure(
			exit,
			reason,
			`commissioned, and not registered: ${message}`,
			`${advice} \`lintel server register --site ${registrar!.place}\` registers it, and leaves all else.`,
		);
	}
}

/** Of a reader of firmware that passes over what it is told of a server. */
export function knowsNoServers(): Failure {
	return new Failure(
		"version",
		"unknown-command",
		"the reader's firmware knows no servers",
		"Update the reader's firmware, then `lintel server register`.",
	);
}

/** How the reader of a door becomes known to its site's server. */
export class DoorRegistrar {
	readonly door: string;
	readonly #server: SiteServer;
	readonly #found: DoorRegistration;
	readonly #replace: boolean;
	#replaces: string | undefined;

	/** Asks the server what it knows of `door`, and changes nothing. Throws `Failure`. */
	static async of(options: RegisterOptions, door: string): Promise<DoorRegistrar> {
		const server = await SiteServer.of(options);
		return new DoorRegistrar(server, door, await server.registration(door), options.replace === true);
	}

	private constructor(server: SiteServer, door: string, found: DoorRegistration, replace: boolean) {
		this.door = door;
		this.#server = server;
		this.#found = found;
		this.#replace = replace;
	}

	/** What a reader of this door is told. */
	get settings(): ServerSettings {
		return this.#found.server;
	}

	/** The server's origin. */
	get place(): string {
		return this.#server.url.origin;
	}

	/** Throws `Failure` where the door has another reader than the one with `key`, and a person does not say that this takes its place. */
	async agree(key: string | undefined): Promise<void> {
		const { reader } = this.#found;
		if (reader === null || reader.key === key || reader.key === this.#replaces) return;
		const said = otherWords(this.door, reader);
		const failure = (message: string): Failure =>
			new Failure("usage", "other-reader", message, "Give --replace, or answer yes, if that is meant.");
		if (!this.#replace) {
			if (!isAttended()) throw failure(`${said[0]}; nothing was changed`);
			for (const line of said) hint(line);
			if (!(await isYes("Does the reader at the cable take its place?")))
				throw failure("nothing was changed");
		}
		this.#replaces = reader.key;
	}

	async register(reader: Pick<Registration, "key" | "name" | "readerId">): Promise<Registered> {
		const replaces = this.#replaces;
		const done = await this.#server.register({
			...{ door: this.door, ...reader },
			...(replaces !== undefined && { replaces }),
		});
		if (isLoopback(done.server.host))
			hint(
				`the server says that its broker is ${serverWords(done.server)}, which no reader reaches: tell it the address at which readers do`,
			);
		return done;
	}
}

export function registeredWords({ registered }: Registered): string {
	return OUTCOMES[registered];
}

/** What an administrator has to know before another reader takes the place of this one. */
function otherWords(door: string, { events, key, readerId, since }: RegisteredReader): string[] {
	const day = new Date(since * 1000).toISOString().slice(0, 10);
	return [
		`door ${door} has another reader at the server: key ${key.slice(0, 16)}..., id ${readerId}, since ${day}`,
		events === 0
			? "the server has nothing of that reader's log"
			: `the server has that reader's log up to record ${events}, and keeps it`,
		"from then on the server speaks with that reader no more; what its log has besides is read by cable alone (`lintel log export`)",
		`where it was stolen, end it besides: \`lintel site revoke --reader ${readerId}\``,
	];
}
