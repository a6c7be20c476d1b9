// SPDX-License-Identifier: Apache-2.0

import { type Signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { confirm } from "../parts/dialog.js";
import { say } from "../parts/notice.js";
import { timeText } from "../parts/time.js";
import { phoneWords } from "../words/phone.js";
import { listed } from "../words.js";
import { ask, askNow, load, standing, unanswered } from "./held.js";
import { type HeldCredential, remove } from "./keyring.js";
import { chooseReader, hasBluetooth, openDoor, wantsLists } from "./open-door.js";
import { resultText } from "./result.js";
import { RightsList } from "./rights.js";

/** One key: how it stands, what it opens, and the buttons that open. */
export function KeyCard({ one }: { one: HeldCredential }): JSX.Element {
	const t = phoneWords();
	const { told } = one;
	const stands = standing(one);
	const isUseful = stands === "active" || stands === "stale";
	const heading = `key-${one.id}`;
	const said = useSignal<Said>(undefined);
	return (
		<section class="card key" aria-labelledby={heading}>
			<h2 id={heading}>{told.siteName}</h2>
			<p>
				{told.person}
				{told.pass && ` · ${t.pass}`}
			</p>
			<Standing one={one} />
			{isUseful && <Openers one={one} said={said} />}
			<div role="status" class="said">
				{said.value === "opening" ? (
					<p>{t.opening}</p>
				) : (
					said.value && <p class={`notice ${said.value.isOpen ? "good" : "bad"}`}>{said.value.text}</p>
				)}
			</div>
			<details>
				<summary>{t.details}</summary>
				<RightsList rights={told}>
					<DoorsList one={one} />
				</RightsList>
			</details>
			<p class="faint">
				{(unanswered.value[one.id] ?? "") !== "" && `${t.offline} `}
				{t.toldAt(timeText(told.now))}
			</p>
			<div class="actions">
				{isUseful && told.lend && (
					<a class="button" href={`/phone/lend/${one.id}`}>
						{t.lend}
					</a>
				)}
				{isUseful && told.pass === undefined && (
					<a class="button" href={`/phone/move/${one.id}`}>
						{t.move}
						<span class="unseen"> {told.siteName}</span>
					</a>
				)}
				<button type="button" class="quiet" onClick={() => drop(one)}>
					{t.remove}
					<span class="unseen"> {told.siteName}</span>
				</button>
			</div>
		</section>
	);
}

async function drop(one: HeldCredential): Promise<void> {
	const t = phoneWords();
	const title = t.removeTitle(one.told.siteName);
	if (!(await confirm({ title, text: t.removeText, act: t.remove, isGrave: true }))) return;
	await remove(one.id);
	await load();
	say(t.removed);
	document.querySelector<HTMLElement>("main h1")?.focus();
}

function Standing({ one }: { one: HeldCredential }): JSX.Element {
	const t = phoneWords();
	const stands = standing(one);
	if (stands !== "active")
		return (
			<div class={`banner ${stands === "early" || stands === "stale" ? "warning" : "bad"}`}>
				<p>
					<strong>{t.states[stands]}</strong>
				</p>
				<p>{t.stateTexts[stands]}</p>
			</div>
		);
	const { active, doors } = one.told;
	const waiting = doors.filter(({ has }) => !has);
	if (active.of === 0) return <p class="banner warning">{t.noDoors}</p>;
	return (
		<>
			<p class={`notice ${active.has === active.of ? "good" : "wait"}`}>{t.active(active.has, active.of)}</p>
			{waiting.length > 0 && <p>{t.waiting(listed(waiting.map(({ name }) => name)))}</p>}
		</>
	);
}

function DoorsList({ one }: { one: HeldCredential }): JSX.Element {
	const t = phoneWords();
	return (
		<ul class="plain">
			{one.told.doors.map(({ has, id, name }) => (
				<li key={id}>
					{name}: {has ? t.has : t.waits}
				</li>
			))}
		</ul>
	);
}

/** The ways to open, as far as the browser and the credential have them. */
function Openers({ one, said }: { one: HeldCredential; said: Signal<Said> }): JSX.Element {
	const t = phoneWords();
	const isCode = one.code !== undefined;
	// A visitor's is for scanners alone.
	const isRadio = hasBluetooth() && one.told.pass === undefined;
	return (
		<>
			{isRadio && <BluetoothOpener one={one} said={said} />}
			{!hasBluetooth() && <p>{isCode ? t.noBluetooth : t.noWay}</p>}
			{isCode && (
				<div class="actions">
					<a class={`button large ${isRadio ? "" : "primary"}`} href={`/phone/code/${one.id}`}>
						{t.showCode}
					</a>
				</div>
			)}
		</>
	);
}

interface Opened {
	readonly text: string;
	readonly isOpen: boolean;
}

/** What a door has said last. It stays where the key ends by it. */
type Said = Opened | "opening" | undefined;

function BluetoothOpener({ one, said }: { one: HeldCredential; said: Signal<Said> }): JSX.Element {
	const t = phoneWords();
	const device = useSignal<BluetoothDevice | undefined>(undefined);
	const isBusy = said.value === "opening";
	const open = async (again: BluetoothDevice | undefined): Promise<void> => {
		if (said.peek() === "opening") return;
		said.value = "opening";
		try {
			const chosen = again ?? (await chooseReader());
			if (chosen !== undefined) device.value = chosen;
			said.value = chosen && (await opened(chosen, one));
		} catch {
			// The browser has none, or may not.
			said.value = { text: t.noAdapter, isOpen: false };
		}
	};
	const known = device.value;
	return (
		<>
			<div class="actions">
				<button type="button" class="primary large" aria-disabled={isBusy} onClick={() => void open(known)}>
					{known === undefined ? t.open : t.openAgain}
				</button>
				{known !== undefined && (
					<button type="button" aria-disabled={isBusy} onClick={() => void open(undefined)}>
						{t.openOther}
					</button>
				)}
			</div>
			{known === undefined && <p class="hint">{t.openHint}</p>}
		</>
	);
}

/** One transaction; a second one where the first lacked a trust list that the site has meanwhile. */
async function opened(device: BluetoothDevice, one: HeldCredential): Promise<Opened> {
	let held = one;
	let result = await openDoor(device, held);
	if (wantsLists(result, held)) {
		const { trust } = held;
		held = (await ask(held)) ?? held;
		const isNewer = held.trust.length !== trust.length || held.trust.some((byte, i) => byte !== trust[i]);
		if (isNewer && result.kind === "failed") result = await openDoor(device, held);
	}
	const isOpen = result.kind === "decision" && result.decision?.granted === true;
	// What the phone knows may be of yesterday.
	if (!isOpen) void askNow();
	return { text: resultText(result, held), isOpen };
}
