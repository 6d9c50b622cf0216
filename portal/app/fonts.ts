/** Three voices, served from our own files: Fraunces for the sentence, Hanken Grotesk for people's words, IBM Plex Mono for what is true. */
import localFont from "next/font/local";

const voice = localFont({
  src: "../../node_modules/@fontsource-variable/fraunces/files/fraunces-latin-wght-normal.woff2",
  weight: "100 900",
  variable: "--font-voice",
  display: "swap",
  fallback: ["Iowan Old Style", "Georgia", "serif"],
  adjustFontFallback: "Times New Roman",
});

const work = localFont({
  src: "../../node_modules/@fontsource-variable/hanken-grotesk/files/hanken-grotesk-latin-wght-normal.woff2",
  weight: "100 900",
  variable: "--font-work",
  display: "swap",
  fallback: ["Helvetica Neue", "Arial", "sans-serif"],
  adjustFontFallback: "Arial",
});

const truth = localFont({
  src: "../../node_modules/@fontsource/ibm-plex-mono/files/ibm-plex-mono-latin-400-normal.woff2",
  weight: "400",
  variable: "--font-truth",
  display: "swap",
  fallback: ["SFMono-Regular", "Menlo", "monospace"],
  adjustFontFallback: false,
});

/** Class names that define the three font variables. */
export const fontClasses = `${voice.variable} ${work.variable} ${truth.variable}`;
