// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Heading } from "../parts/heading.js";
import { Banner } from "../parts/notice.js";
import { Picture } from "../parts/picture.js";
import { phoneWords } from "../words/phone.js";
import { locale } from "../words.js";
import { CLOCK_IS_OFF_S } from "./clock.js";
import { codeText, stepNow } from "./code.js";
import type { HeldCredential } from "./keyring.js";

/** The rotating code, for as long as the page is shown. */
export function CodePage({ one }: { one: HeldCredential }): JSX.Element {
	const t = phoneWords();
	const label = t.code(one.told.siteName);
	const text = useCode(one);
	useLight();
	return (
		<>
			<Heading title={label} />
			<ClockWarning ahead={one.ahead} />
			{text === null ? (
				<Banner kind="bad">
					<p role="alert">{t.codeFailed}</p>
				</Banner>
			) : text === undefined ? (
				<p aria-busy="true">{t.loading}</p>
			) : (
				<Picture text={text} kind="code" label={label} />
			)}
			<p>{t.codeText}</p>
			<p class="faint">{t.codeEach}</p>
			<a class="button" href="/phone/">
				{t.keys}
			</a>
		</>
	);
}

/** The text of the present step, anew with each; `undefined` before the first, `null` where the browser does not sign. */
function useCode(one: HeldCredential): string | null | undefined {
	const text = useSignal<string | null | undefined>(undefined);
	useEffect(() => {
		let timer: ReturnType<typeof setTimeout> | undefined;
		let isOver = false;
		const next = async (): Promise<void> => {
			clearTimeout(timer);
			const { left, step } = stepNow(one);
			timer = setTimeout(next, left);
			try {
				const made = await codeText(one, step);
				if (!isOver) text.value = made;
			} catch {
				text.value = null;
			}
		};
		void next();
		// Timers of a page in the background, or of a phone that slept, come late.
		document.addEventListener("visibilitychange", next);
		return () => {
			isOver = true;
			clearTimeout(timer);
			document.removeEventListener("visibilitychange", next);
		};
	}, [one.code, one.ahead]);
	return text.value;
}

/** The screen stays on. Where the browser cannot see to it, the person does. */
function useLight(): void {
	useEffect(() => {
		let lock: WakeLockSentinel | undefined;
		let isOver = false;
		const hold = async (): Promise<void> => {
			if (document.visibilityState === "hidden" || !("wakeLock" in navigator)) return;
			try {
				lock = await navigator.wakeLock.request("screen");
				if (isOver) await lock.release();
			} catch {
				// Refused while the battery is low.
			}
		};
		void hold();
		document.addEventListener("visibilitychange", hold);
		return () => {
			isOver = true;
			document.removeEventListener("visibilitychange", hold);
			void lock?.release();
		};
	}, []);
}

function ClockWarning({ ahead }: { ahead: number }): JSX.Element | null {
	const t = phoneWords();
	if (Math.abs(ahead) < CLOCK_IS_OFF_S) return null;
	const by = durationText(Math.abs(ahead));
	return (
		<Banner>
			<p>{ahead > 0 ? t.clockAhead(by) : t.clockBehind(by)}</p>
		</Banner>
	);
}

const UNITS = [
	["day", 86_400],
	["hour", 3600],
	["minute", 60],
	["second", 1],
] as const;

function durationText(seconds: number): string {
	const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? UNITS[3];
	const options = { style: "unit", unit, unitDisplay: "long" } as const;
	return new Intl.NumberFormat(locale.value, options).format(Math.round(seconds / size));
}
