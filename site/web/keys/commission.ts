// SPDX-License-Identifier: Apache-2.0

/** A reader at the computer's cable is made a door of the site, by the typed client that `lintel` uses. */
import { toHex } from "../../../protocol/bytes.js";
import type { ReaderConfig } from "../../../protocol/config/document.js";
import type { ServerSettings } from "../../../protocol/config/server.js";
import type { ReaderInfo } from "../../../protocol/provisioning/messages.js";
import type { Role } from "../../../protocol/trust/list.js";
import { Failure } from "../../lib/files/failure.js";
import {
	type AuthorityOptions,
	type ProvenInfo,
	withAuthority,
	withoutAnswer,
} from "../../lib/provisioning/authority.js";
import { type BytePort, ProvisioningClient } from "../../lib/provisioning/client.js";
import { type Commission, commission } from "../../lib/provisioning/commission.js";
import { ClientError, RequestRefused } from "../../lib/provisioning/errors.js";
import { randomBytes } from "../../lib/random.js";
import type { Registration } from "../../lib/registration.js";
import { keyFor, type SigningKey, type SiteKeys } from "../../lib/site-keys.js";
import { crypto } from "./crypto.js";

export interface WantedDoor {
	readonly configuration: ReaderConfig;
	/** With the roles commission and install. */
	readonly keys: SiteKeys;
	/** What the reader is told of its broker. */
	readonly server: ServerSettings;
	readonly wifi?: { readonly ssid: string; readonly password: string } | undefined;
	/** The log of a former site may go. */
	readonly eraseLog: boolean;
	/** Makes the reader known to the server. */
	readonly register: (reader: Registration) => Promise<unknown>;
	/** Told at the begin of each. */
	readonly onStep: (step: DoorStep) => void;
}

export type DoorStep = "hello" | "clock" | "keys" | "register" | "restart" | "wifi";

/** What a reader takes at most to start again, and to erase a full log before, ms. */
const STARTING_MS = 8000;
const ERASING_MS = 120_000;

/** The reader's key and id, in hexadecimal. Throws `Failure`, `ClientError`, and what `register` throws. */
export async function makeDoor(
	port: BytePort,
	wanted: WantedDoor,
): Promise<{ key: string; readerId: string }> {
	const reader = new ProvisioningClient(port, randomBytes(8));
	try {
		wanted.onStep("hello");
		const info = await firstInfo(reader);
		const made = await withAuthority(reader, info, authority(wanted), (now) => joined(reader, now, wanted));
		if (wanted.wifi !== undefined) await joinWifi(reader, wanted, wanted.wifi);
		return made;
	} finally {
		await reader.close();
	}
}

/** One that starts is asked once more. */
async function firstInfo(reader: ProvisioningClient): Promise<ReaderInfo> {
	try {
		return await reader.request("info");
	} catch (error) {
		if (!(error instanceof ClientError) || error.reason !== "no-answer") throw error;
		return reader.request("info", {}, STARTING_MS);
	}
}

function authority({ configuration, keys }: WantedDoor): AuthorityOptions {
	return {
		...{ crypto, randomBytes, now: nowSeconds, door: configuration.id },
		key: () => ({ ...keyWith(keys, "install", configuration.id), lists: keys.lists, trust: keys.trust }),
	};
}

async function joined(
	reader: ProvisioningClient,
	info: ProvenInfo,
	{ configuration, eraseLog, keys, onStep, register, server }: WantedDoor,
): Promise<{ key: string; readerId: string }> {
	const { id: door, name } = configuration;
	if (info.commissioned === true) {
		// By an earlier try, whose end was not heard.
		const known = { key: toHex(info.key!), readerId: toHex(info.readerId!) };
		onStep("register");
		await register({ door, name, ...known });
		await restarted(reader, await reader.request("server", { server }));
		return known;
	}
	if (info.formerSite !== undefined && !eraseLog)
		throw new Failure(
			"refused",
			"old-log",
			`the log of site ${info.formerSite} is still in this reader`,
			"Say that it may be erased.",
		);
	onStep("clock");
	await reader.request("time", { seconds: nowSeconds() }).catch(refusedTime);
	onStep("keys");
	const by = keyWith(keys, "commission", door);
	const wanted: Commission = {
		site: keys,
		by,
		configuration,
		server,
		eraseLog: info.formerSite !== undefined,
		crypto,
	};
	const { id, key, reply } = await commission(reader, wanted);
	const made = { key: toHex(key), readerId: toHex(id) };
	onStep("register");
	await register({ door, name, ...made });
	onStep("restart");
	await restarted(reader, reply, info.formerSite === undefined ? STARTING_MS : ERASING_MS);
	return made;
}

async function joinWifi(
	reader: ProvisioningClient,
	wanted: WantedDoor,
	wifi: { readonly ssid: string; readonly password: string },
): Promise<void> {
	wanted.onStep("wifi");
	const { joined: isJoined } = await withAuthority(
		reader,
		await firstInfo(reader),
		authority(wanted),
		async () => reader.request("wifi-join", wifi),
	);
	if (!isJoined)
		throw new Failure(
			"refused",
			"not-joined",
			`the reader is a door, and could not join ${wifi.ssid}`,
			"Look at the network's name and password, and try once more.",
		);
}

/** A reader starts again from what it was given: waits until it answers. */
async function restarted(
	reader: ProvisioningClient,
	{ restart }: { readonly restart?: number | undefined },
	patienceMs = STARTING_MS,
): Promise<void> {
	if (restart === undefined) return;
	await new Promise<void>((resolve) => reader.after(Math.min(5000, restart + 100), resolve));
	await reader.request("info", {}, patienceMs).catch(withoutAnswer);
}

/** The clock is a help, not a condition: sync sets it too. */
function refusedTime(error: unknown): void {
	if (!(error instanceof RequestRefused)) throw error;
}

/** Throws `Failure` where no key of the file has the role at this door now. */
function keyWith(keys: SiteKeys, role: Role, door: string): SigningKey {
	const found = keyFor(keys, role, door, nowSeconds(), crypto);
	if (typeof found !== "string") return found;
	throw new Failure(
		"refused",
		found,
		`the key file has no good key with the role ${role}`,
		"Give another file.",
	);
}

function nowSeconds(): number {
	return Math.floor(Date.now() / 1000);
}
