<?php
/**
 * Plugin Name:       Reader feedback
 * Description:       Readers who see a misspelling select it, press Ctrl+Enter and tell your editors. Needs a reader-feedback service of yours.
 * Version:           0.1.0
 * Requires at least: 6.3
 * Requires PHP:      7.4
 * License:           MIT
 * License URI:       https://opensource.org/license/mit
 * Text Domain:       reader-feedback
 *
 * MIT is compatible with WordPress's GPL. The plugin puts one line into the pages of single posts
 * and, if you wish, one paragraph below their text. It asks nobody for anything itself, keeps one
 * option, and takes that away when it is deleted.
 *
 * @package ReaderFeedback
 */

namespace ReaderFeedback;

defined( 'ABSPATH' ) || exit;

const OPTION = 'reader_feedback';
const PAGE   = 'reader-feedback';

add_action( 'wp_enqueue_scripts', __NAMESPACE__ . '\\load' );
add_filter( 'the_content', __NAMESPACE__ . '\\with_caption', 20 );
add_action( 'admin_menu', __NAMESPACE__ . '\\add_page' );
add_action( 'admin_init', __NAMESPACE__ . '\\add_settings' );
add_filter( 'plugin_action_links_' . plugin_basename( __FILE__ ), __NAMESPACE__ . '\\with_link' );
register_uninstall_hook( __FILE__, __NAMESPACE__ . '\\forget' );

/**
 * Gives the settings: the service's address, whether posts end with the caption, and its words.
 *
 * @return array{address: string, caption: bool, words: string}
 */
function settings() {
	$kept = get_option( OPTION );
	$kept = is_array( $kept ) ? $kept : array();
	return array(
		'address' => isset( $kept['address'] ) ? (string) $kept['address'] : '',
		'caption' => ! empty( $kept['caption'] ),
		'words'   => isset( $kept['words'] ) ? (string) $kept['words'] : '',
	);
}

/** Gives what the caption says unless the settings have other words. */
function usual_words() {
	return __( 'Found a spelling error? Tell the editors.', 'reader-feedback' );
}

/** Loads the script on the pages of single posts. */
function load() {
	$address = settings()['address'];
	if ( '' === $address || ! is_singular() ) {
		return;
	}
	// No version: the service says itself for how long its script may be kept.
	wp_enqueue_script( 'reader-feedback', $address . '/embed.js', array(), null, array( 'strategy' => 'async' ) ); // phpcs:ignore WordPress.WP.EnqueuedResourceParameters.MissingVersion
}

/**
 * Puts the caption below the text of the post that is shown by itself.
 *
 * @param string $content The post's text.
 * @return string
 */
function with_caption( $content ) {
	$settings = settings();
	if ( ! $settings['caption'] || '' === $settings['address'] || ! shown_by_itself() ) {
		return $content;
	}
	$words = '' === $settings['words'] ? usual_words() : $settings['words'];
	return $content . caption( $settings['address'], (string) get_permalink(), $words );
}

/** Tells whether the text at hand is that of the page's own post: no excerpt, no post beside it. */
function shown_by_itself() {
	$own = is_singular() && in_the_loop() && is_main_query() && get_the_ID() === get_queried_object_id();
	return $own && ! doing_filter( 'get_the_excerpt' ) && ! post_password_required();
}

/**
 * Gives the sentence for readers. The script puts its own in its place; without scripts the link
 * opens a form.
 *
 * @param string $address The service's address.
 * @param string $post    The post's address.
 * @param string $words   What the link says.
 * @return string
 */
function caption( $address, $post, $words ) {
	return sprintf(
		'<p data-feedback-caption><a href="%s">%s</a></p>',
		esc_url( $address . '/report?url=' . rawurlencode( $post ) ),
		esc_html( $words )
	);
}

/** Adds the page under Settings. */
function add_page() {
	add_options_page(
		__( 'Reader feedback', 'reader-feedback' ),
		__( 'Reader feedback', 'reader-feedback' ),
		'manage_options',
		PAGE,
		__NAMESPACE__ . '\\show_page'
	);
}

/** Registers the option and its fields; WordPress checks the nonce and who may save it. */
function add_settings() {
	register_setting(
		PAGE,
		OPTION,
		array(
			'type'              => 'array',
			'sanitize_callback' => __NAMESPACE__ . '\\clean',
			'default'           => array(),
		)
	);
	add_settings_section( 'service', '', '__return_empty_string', PAGE );
	add_settings_field(
		'address',
		__( 'Address of the service', 'reader-feedback' ),
		__NAMESPACE__ . '\\show_address',
		PAGE,
		'service',
		array( 'label_for' => 'reader-feedback-address' )
	);
	add_settings_field(
		'caption',
		__( 'Caption', 'reader-feedback' ),
		__NAMESPACE__ . '\\show_caption',
		PAGE,
		'service'
	);
	add_settings_field(
		'words',
		__( 'Its words', 'reader-feedback' ),
		__NAMESPACE__ . '\\show_words',
		PAGE,
		'service',
		array( 'label_for' => 'reader-feedback-words' )
	);
}

/**
 * Takes what was sent by the settings page; an address that is none leaves the old one.
 *
 * @param mixed $given What was sent.
 * @return array{address: string, caption: bool, words: string}
 */
function clean( $given ) {
	$given   = is_array( $given ) ? $given : array();
	$typed   = isset( $given['address'] ) && is_string( $given['address'] ) ? trim( $given['address'] ) : '';
	$address = address( $typed );
	if ( '' === $address && '' !== $typed ) {
		add_settings_error(
			OPTION,
			'address',
			__( 'The address was not changed: write it as in https://feedback.example.org', 'reader-feedback' )
		);
		$address = settings()['address'];
	}
	return array(
		'address' => $address,
		'caption' => ! empty( $given['caption'] ),
		'words'   => isset( $given['words'] ) && is_string( $given['words'] ) ? sanitize_text_field( $given['words'] ) : '',
	);
}

/**
 * Gives an address without what follows its path, also where the whole script's was pasted; empty
 * for what is no address.
 *
 * @param string $typed What somebody has typed.
 * @return string
 */
function address( $typed ) {
	$whole = false === strpos( $typed, '://' ) ? 'https://' . $typed : $typed;
	$parts = wp_parse_url( esc_url_raw( $whole, array( 'http', 'https' ) ) );
	if ( ! is_array( $parts ) || empty( $parts['scheme'] ) || empty( $parts['host'] ) || isset( $parts['user'] ) ) {
		return '';
	}
	$port = isset( $parts['port'] ) ? ':' . $parts['port'] : '';
	$path = isset( $parts['path'] ) ? preg_replace( '#/(embed\.js)?$#', '', $parts['path'] ) : '';
	return strtolower( $parts['scheme'] . '://' . $parts['host'] ) . $port . $path;
}

/** Shows the page under Settings. */
function show_page() {
	if ( ! current_user_can( 'manage_options' ) ) {
		return;
	}
	echo '<div class="wrap"><h1>' . esc_html( get_admin_page_title() ) . '</h1>';
	echo '<form action="options.php" method="post">';
	settings_fields( PAGE );
	do_settings_sections( PAGE );
	submit_button();
	echo '</form></div>';
}

/** Shows the field for the service's address. */
function show_address() {
	printf(
		'<input type="url" class="regular-text code" id="reader-feedback-address" name="%s[address]" value="%s" placeholder="https://feedback.example.org" aria-describedby="reader-feedback-hint">',
		esc_attr( OPTION ),
		esc_attr( settings()['address'] )
	);
	printf(
		'<p class="description" id="reader-feedback-hint">%s</p>',
		esc_html__( 'The address of your editors’ desk, without /desk/. Empty: nothing is loaded.', 'reader-feedback' )
	);
}

/** Shows the field for the caption. */
function show_caption() {
	printf(
		'<label><input type="checkbox" name="%s[caption]" value="1"%s> %s</label>',
		esc_attr( OPTION ),
		checked( settings()['caption'], true, false ),
		esc_html__( 'Tell readers below each post how to report a mistake', 'reader-feedback' )
	);
}

/** Shows the field for the caption's words. */
function show_words() {
	printf(
		'<input type="text" class="regular-text" id="reader-feedback-words" name="%s[words]" value="%s" placeholder="%s" aria-describedby="reader-feedback-words-hint">',
		esc_attr( OPTION ),
		esc_attr( settings()['words'] ),
		esc_attr( usual_words() )
	);
	printf(
		'<p class="description" id="reader-feedback-words-hint">%s</p>',
		esc_html__( 'Read without scripts; with them readers are told the keys, in the language of the page.', 'reader-feedback' )
	);
}

/**
 * Adds a link to the settings in the list of plugins.
 *
 * @param string[] $links The links that are there.
 * @return string[]
 */
function with_link( $links ) {
	$page = admin_url( 'options-general.php?page=' . PAGE );
	array_unshift( $links, sprintf( '<a href="%s">%s</a>', esc_url( $page ), esc_html__( 'Settings', 'reader-feedback' ) ) );
	return $links;
}

/** Takes away what the plugin has kept. */
function forget() {
	delete_option( OPTION );
}
