// The theme of VitePress without its fonts, with the lab as a component.
import DefaultTheme from 'vitepress/theme-without-fonts';
import Lab from './Lab.vue';
import './style.css';
import '../../../node_modules/.cache/site-pictures.css';

export default {
  extends: DefaultTheme,
  enhanceApp: ({ app }: { app: { component: (name: string, component: unknown) => void } }) =>
    app.component('Lab', Lab),
};
