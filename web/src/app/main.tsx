/* The entry for the build; the page loads what boot.tsx became (build.mjs). */
import './boot';
