// SPDX-License-Identifier: Apache-2.0

import { type Signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { checkConfig, type ReaderConfig } from "../../../protocol/config/document.js";
import { isDoorId } from "../../../protocol/credential/names.js";
import { type DoorRegistration, type Registration, readDoorRegistration } from "../../lib/registration.js";
import { get, post, Refused } from "../api.js";
import { type DoorStep, makeDoor } from "../keys/commission.js";
import { handedKeys, handKeys } from "../keys/handed-keys.js";
import { refusing, wrong } from "../keys/refusing.js";
import type { NamedText } from "../keys/root.js";
import { chooseSerialPort, hasSerial, openSerialPort } from "../keys/serial.js";
import { keysOf, loadTrust } from "../keys/site-lists.js";
import { FileField, save } from "../parts/files.js";
import { Check, Choice, Field, Form } from "../parts/form.js";
import { Heading } from "../parts/heading.js";
import { Banner, say } from "../parts/notice.js";
import { go } from "../router.js";
import { addDoorWords } from "../words/add-door.js";
import { shellWords } from "../words/shell.js";

/** How a door is built, as the files in `examples` have it. */
const KINDS = {
	strike: {},
	magnet: { lock: "fail-safe", contact: "normally-open", relock: "on-close", fireInput: "normally-closed" },
	blind: { position: "none", relock: "by-time" },
} as const;
export type DoorKind = keyof typeof KINDS;

interface Draft {
	readonly id: string;
	readonly name: string;
	readonly kind: DoorKind;
	readonly ssid: string;
	readonly password: string;
	readonly eraseLog: boolean;
}

/** A page of its own. */
export function AddDoorPage(): JSX.Element {
	return (
		<>
			<Heading title={shellWords().pages.addDoor} />
			<AddDoor onAdded={async () => go("/doors")} />
		</>
	);
}

/** Makes the reader at this computer's cable a door of the site. */
export function AddDoor({ onAdded }: { onAdded: () => Promise<void> }): JSX.Element {
	const t = addDoorWords();
	const draft = useSignal<Draft>({
		id: "",
		name: "",
		kind: "strike",
		ssid: "",
		password: "",
		eraseLog: false,
	});
	const keys = useSignal<NamedText | undefined>(handedKeys.value);
	const step = useSignal<DoorStep | undefined>(undefined);
	const hasLog = useSignal(false);
	if (!hasSerial()) return <ByCommand draft={draft} onAdded={onAdded} />;
	const add = async (): Promise<void> => {
		try {
			if (await commissioned(draft.value, keys.value, step)) {
				await onAdded();
				say(t.isAdded(draft.value.name));
			}
		} catch (error) {
			if (error instanceof Refused && error.reason === "old-log") hasLog.value = true;
			throw error;
		} finally {
			step.value = undefined;
		}
	};
	return (
		<Form act={t.add} reasons={t.reasons} onSubmit={add}>
			<DoorFields draft={draft} />
			<WifiFields draft={draft} />
			{handedKeys.value === undefined && (
				<FileField
					label={t.keys}
					hint={t.keysHint}
					onFile={(file) => {
						keys.value = file;
					}}
				/>
			)}
			{hasLog.value && (
				<Check
					label={t.eraseLog}
					checked={draft.value.eraseLog}
					onChange={(eraseLog) => {
						draft.value = { ...draft.value, eraseLog };
					}}
				/>
			)}
			<p role="status">{step.value !== undefined && t.steps[step.value]}</p>
		</Form>
	);
}

/** False where a person has chosen no port. */
async function commissioned(
	draft: Draft,
	file: NamedText | undefined,
	step: Signal<DoorStep | undefined>,
): Promise<boolean> {
	const configuration = configurationOf(draft);
	// First: a browser shows its ports only just after a click.
	const port = await chooseSerialPort();
	if (port === undefined) return false;
	const { id, ssid, password, eraseLog } = draft;
	const keys = await refusing(async () => keysOf(file!, await loadTrust()));
	const { server } = await registration(id);
	await refusing(async () =>
		makeDoor(await openSerialPort(port), {
			...{ configuration, keys, server, eraseLog },
			...(ssid !== "" && { wifi: { ssid, password } }),
			register: (reader: Registration) => post("/api/doors", reader),
			onStep: (at) => {
				step.value = at;
			},
		}),
	);
	handKeys(file);
	return true;
}

function configurationOf({ id, kind, name }: Draft): ReaderConfig {
	if (!isDoorId(id)) throw wrong("bad-door");
	const checked = checkConfig({ id, name: name.trim(), door: KINDS[kind] });
	if ("config" in checked) return checked.config;
	throw new Refused(
		0,
		"invalid",
		checked.problems.map(({ field, message }) => `${field} ${message}`).join("; "),
	);
}

async function registration(door: string): Promise<DoorRegistration> {
	const found = readDoorRegistration(await get(`/api/doors/${encodeURIComponent(door)}/registration`));
	if (found === undefined) throw new Refused(0, "unreachable", "what answers is no site's server");
	return found;
}

function DoorFields({ draft }: { draft: Signal<Draft> }): JSX.Element {
	const t = addDoorWords();
	const set = (change: Partial<Draft>): void => {
		draft.value = { ...draft.value, ...change };
	};
	const { id, kind, name } = draft.value;
	return (
		<>
			<Field
				label={t.name}
				hint={t.nameHint}
				required
				maxLength={40}
				value={name}
				onInput={(name) => set({ name })}
			/>
			<Field label={t.id} hint={t.idHint} required maxLength={8} value={id} onInput={(id) => set({ id })} />
			<Choice
				label={t.kind}
				value={kind}
				options={(Object.keys(KINDS) as DoorKind[]).map((one) => [one, t.kinds[one]] as const)}
				onChange={(kind) => set({ kind })}
			/>
		</>
	);
}

function WifiFields({ draft }: { draft: Signal<Draft> }): JSX.Element {
	const t = addDoorWords();
	const set = (change: Partial<Draft>): void => {
		draft.value = { ...draft.value, ...change };
	};
	const { password, ssid } = draft.value;
	return (
		<fieldset>
			<legend>{t.wifi}</legend>
			<Field
				label={t.ssid}
				hint={t.ssidHint}
				maxLength={32}
				autocomplete="off"
				value={ssid}
				onInput={(ssid) => set({ ssid })}
			/>
			<Field
				label={t.password}
				type="password"
				autocomplete="off"
				maxLength={63}
				value={password}
				onInput={(password) => set({ password })}
			/>
		</fieldset>
	);
}

/** Where the browser reaches no serial port: the same by the command line. */
function ByCommand({ draft, onAdded }: { draft: Signal<Draft>; onAdded: () => Promise<void> }): JSX.Element {
	const t = addDoorWords();
	const { id } = draft.value;
	const file = `${id === "" ? "DOOR" : id}.json`;
	return (
		<>
			<Banner kind="info">
				<p>{t.noSerial}</p>
			</Banner>
			<Form
				act={t.saveFile}
				reasons={t.reasons}
				onSubmit={async () => {
					const { id, kind, name } = draft.value;
					configurationOf(draft.value);
					const text = `${JSON.stringify({ id, name: name.trim(), door: KINDS[kind] }, null, "\t")}\n`;
					save({ name: file, text });
				}}
				extra={
					<button type="button" onClick={onAdded}>
						{t.lookAgain}
					</button>
				}
			>
				<DoorFields draft={draft} />
			</Form>
			<p>{t.command}</p>
			<pre>
				<code>{`lintel commission ${file} --site-key site-key.json --site ${location.origin}`}</code>
			</pre>
		</>
	);
}
