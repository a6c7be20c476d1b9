// SPDX-License-Identifier: Apache-2.0

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AtomicFile } from "../../lib/files/atomic-file.js";
import { brokerSecret, serverPassword } from "../brokers.js";
import type { SiteStore } from "../store/store.js";
import { serverUser } from "./external.js";
import { aclFile, passwordFile } from "./mosquitto.js";
import { brokerPassword } from "./passwords.js";

export interface BrokerFiles {
	readonly passwords: string;
	readonly acl: string;
	/** How many are in them. */
	readonly doors: number;
	/** The server's user. */
	readonly server: string;
}

/** Writes Mosquitto's files for the doors that the store has, in place of earlier ones. Throws `Failure`. */
export async function writeBrokerFiles(store: SiteStore, folder: string): Promise<BrokerFiles> {
	const site = (await store.facts.get("site"))!;
	const secret = await brokerSecret(store, site);
	const doors = (await store.doors.list()).map(({ id: door }) => ({
		door,
		password: brokerPassword(secret, door, secret.epoch),
	}));
	const users = { site, serverPassword: serverPassword(secret), doors };
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	const passwords = join(folder, "passwords");
	const acl = join(folder, "acl");
	replace(passwords, passwordFile(users));
	replace(acl, aclFile(users));
	return { passwords, acl, doors: doors.length, server: serverUser(site) };
}

function replace(path: string, text: string): void {
	const file = new AtomicFile(path);
	try {
		file.write(Buffer.from(text));
	} finally {
		file.close();
	}
}
